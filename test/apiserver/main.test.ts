import { start } from '../../apiserver/main.ts';
import { createAuthority } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { readWatch, type Answer } from '../rig/apiserver.ts';
import { startWholeServer } from '../rig/wholeServer.ts';

test('starts, serves its documents, ends watches at the signal and stops', async () => {
  const server = await startWholeServer();
  const get = (path: string): Promise<Answer> => server.admin('GET', path);
  expect((await get('/openapi/v3')).json.paths['apis/apps/v1']).toBeDefined();
  expect((await get('/.well-known/openid-configuration')).json.issuer).toBe('https://kubernetes.default.svc.cluster.local');
  const services = '/api/v1/namespaces/default/services';
  const made = await server.admin('POST', services, { metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
  expect(made.json.spec).toMatchObject({ clusterIP: expect.stringMatching(/^10\.(9[6-9]|10\d|11[01])\./), ports: [{ nodePort: expect.any(Number) }] });
  const address = `/apis/networking.k8s.io/v1/ipaddresses/${made.json.spec.clusterIP}`;
  expect((await get(address)).json.spec.parentRef).toMatchObject({ resource: 'services', name: 's' });
  expect((await server.admin('DELETE', `${services}/s`)).status).toBe(200);
  expect((await get(address)).status).toBe(404);
  await server.admin('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'watched' } });
  const watch = readWatch(server.agent, server.port, '/api/v1/configmaps?watch=true');
  // It has begun.
  expect((await watch.next()).type).toBe('ADDED');
  const closed = server.close();
  await watch.ended;
  await closed;
});

test('gives up the start when it is told to while etcd is away', async () => {
  const stop = new AbortController();
  const authority = await createAuthority('kubernetes', Date.now());
  const config = { bindAddress: '127.0.0.1', securePort: 0, advertiseAddress: '127.0.0.1', certificate: authority.certificate, key: authority.key, clientAuthority: authority.certificate, etcd: { endpoints: ['http://127.0.0.1:9'] } };
  const started = start(config, { clock: systemClock, logger: silentLogger, signal: stop.signal });
  setTimeout(() => stop.abort(), 300);
  await expect(started).rejects.toThrow(/aborted/);
});

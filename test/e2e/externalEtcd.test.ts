import { mkdirSync, writeFileSync } from 'node:fs';
import { createAuthority, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** An etcd that somebody else runs, with certificates of its own, under two control planes. */
const gantry = `${repositoryRoot}/bin/gantry`;
const LONG = { timeoutMilliseconds: 170_000 };
let rig: Rig;
let store: RigHost;
let planes: RigHost[];

const ETCD = `cd /root/etcd && setsid etcd --name=store --data-dir=/root/etcd/data --listen-client-urls=https://0.0.0.0:2379 --advertise-client-urls=https://$1:2379 --client-cert-auth --trusted-ca-file=ca.crt \\
  --cert-file=server.crt --key-file=server.key --listen-peer-urls=http://127.0.0.1:2380 >/root/etcd/log 2>&1 </dev/null &`;

beforeAll(async () => {
  rig = await createRig();
  store = await rig.addHost('store');
  planes = [await rig.addHost('one'), await rig.addHost('two')];
  const now = Date.now();
  const authority = await createAuthority('their-etcd', now);
  const server = await issueCertificate(authority, { commonName: 'store', usages: ['server', 'client'], names: [store.address, '127.0.0.1'] }, now);
  const client = await issueCertificate(authority, { commonName: 'gantry', usages: ['client'] }, now);
  put(store, '/root/etcd', { ca: authority, server });
  put(planes[0]!, '/root/etcd-client', { ca: { ...authority, key: '' }, client });
  await store.check(['bash', '-c', ETCD, 'etcd', store.address]);
}, 60_000);
afterAll(() => rig.close(), 120_000);

function put(host: RigHost, folder: string, pairs: Readonly<Record<string, KeyPair>>): void {
  mkdirSync(host.path(folder), { recursive: true });
  for (const [name, { certificate, key }] of Object.entries(pairs)) {
    writeFileSync(host.path(`${folder}/${name}.crt`), certificate);
    if (key !== '') writeFileSync(host.path(`${folder}/${name}.key`), key, { mode: 0o600 });
  }
}

const kubectl = (host: RigHost, ...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), ...words]);

test('up uses it and starts none; a second control plane joins, and goes on without the first', async () => {
  const [first, second] = planes as [RigHost, RigHost];
  const external = [`--etcd-endpoints=https://${store.address}:2379`, '--etcd-cafile=/root/etcd-client/ca.crt', '--etcd-certfile=/root/etcd-client/client.crt', '--etcd-keyfile=/root/etcd-client/client.key'];
  await first.check([gantry, 'up', ...external], LONG);
  expect(await first.check(['ps', '-e', '-o', 'comm='])).not.toContain('etcd');
  expect(await first.check([gantry, 'up'], LONG)).toContain('nothing was changed');
  const line = (await first.check([gantry, 'token', 'create', '--control-plane'])).trim().split(' ').slice(1);
  const refused = await second.exec([gantry, ...line, '--etcd']);
  expect(refused.stderr).toContain('is run by somebody else');
  await second.check([gantry, ...line], LONG);
  expect(await second.check(['ps', '-e', '-o', 'comm='])).not.toContain('etcd');
  await kubectl(first, 'create', 'configmap', 'shared');
  await first.powerCut();
  expect(await kubectl(second, 'get', 'configmap', 'shared', '-o', 'name')).toBe('configmap/shared\n');
  await eventually('a write is taken', 30_000, async () => ((await second.exec([kubectlPath('1.32'), 'create', 'configmap', 'after', '--request-timeout=5s'])).code === 0 ? true : undefined));
}, 300_000);

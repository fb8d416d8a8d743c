import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditConfig, auditFlags } from '../../cli/components/auditFlags.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { parseFlags } from '../../process/flags.ts';
import { kubeconfigText } from '../../process/kubeconfigText.ts';
import { eventually } from '../rig/processes.ts';
import type { WholeServer } from '../rig/wholeServer.ts';
import { startWholeServer } from '../rig/wholeServer.ts';

const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
- {level: None, users: [system:apiserver]}
- {level: None, nonResourceURLs: ["/readyz*"]}
- {level: None, users: [jane], verbs: [list], resources: [{resources: [pods]}]}
- {level: Metadata, resources: [{resources: [secrets]}]}
- {level: RequestResponse, resources: [{resources: [configmaps]}], omitStages: [RequestReceived]}
- {level: Metadata}
`;

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;
const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const logFile = join(folder, 'audit.log');
const posted: Json[] = [];
let server: WholeServer;
let stopWebhook: () => void;

beforeAll(async () => {
  const authority = await createAuthority('hooks', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'hook', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  let refusals = 1;
  const webhook = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      // The first one is refused, and must come again.
      if (refusals-- > 0) return response.writeHead(500).end();
      posted.push({ path: request.url, authorization: request.headers.authorization, ...JSON.parse(Buffer.concat(pieces).toString()) });
      return response.end('{}');
    });
  });
  // Connections last until somebody closes them, however long a busy machine lets them idle.
  webhook.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  stopWebhook = () => {
    webhook.closeAllConnections();
    webhook.close();
  };
  writeFileSync(join(folder, 'policy.yaml'), POLICY);
  writeFileSync(join(folder, 'hook.conf'), kubeconfigText({ user: 'auditor', server: `https://127.0.0.1:${(webhook.address() as AddressInfo).port}/audit`, authority: authority.certificate, credentials: { token: 'sesame' } }));
  const { values } = parseFlags(auditFlags, [`--audit-policy-file=${folder}/policy.yaml`, `--audit-log-path=${logFile}`, `--audit-webhook-config-file=${folder}/hook.conf`, '--audit-webhook-batch-max-wait=200ms', '--audit-webhook-initial-backoff=100ms']);
  server = await startWholeServer({ audit: auditConfig(values, systemClock)!, tokenAuthFile: 'jane-token,jane,1,"dev"' });
});

afterAll(async () => {
  await server.close();
  stopWebhook();
  rmSync(folder, { recursive: true, force: true });
});

const events = (): Json[] => readFileSync(logFile, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
/** The events of the requests that a test made under an id of its own. */
const of = (id: string): Json[] => events().filter((event) => event.auditID === id);
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

test('an object that is made, with what was sent and what came back, field by field as Kubernetes has it', async () => {
  const { headers } = await server.admin('POST', `${CONFIG_MAPS}?fieldManager=me`, { metadata: { name: 'a' }, data: { k: 'v' } }, { 'audit-id': 'made', 'user-agent': 'test/1' });
  expect(headers['audit-id']).toBe('made');
  const [event, ...more] = of('made');
  expect(more).toEqual([]);
  expect(Object.keys(event)).toEqual(['kind', 'apiVersion', 'level', 'auditID', 'stage', 'requestURI', 'verb', 'user', 'sourceIPs', 'userAgent', 'objectRef', 'responseStatus', 'requestObject', 'responseObject', 'requestReceivedTimestamp', 'stageTimestamp', 'annotations']);
  expect(event).toMatchObject({
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    requestURI: `${CONFIG_MAPS}?fieldManager=me`,
    verb: 'create',
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    userAgent: 'test/1',
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { metadata: { name: 'a' }, data: { k: 'v' } },
    responseObject: { kind: 'ConfigMap', metadata: { name: 'a', uid: expect.any(String) }, data: { k: 'v' } },
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
  });
  expect(event.responseObject.metadata.managedFields).toBeUndefined();
  expect(event.stageTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test('of Secrets nothing is written but that they were asked for', async () => {
  await server.admin('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's' }, stringData: { password: 'hunter2' } }, { 'audit-id': 'secret' });
  await server.admin('GET', '/api/v1/namespaces/default/secrets', undefined, { 'audit-id': 'secret' });
  expect(of('secret').map(({ level, stage, verb }) => [level, stage, verb])).toEqual([
    ['Metadata', 'RequestReceived', 'create'],
    ['Metadata', 'ResponseComplete', 'create'],
    ['Metadata', 'RequestReceived', 'list'],
    ['Metadata', 'ResponseComplete', 'list'],
  ]);
  const text = readFileSync(logFile, 'utf8');
  expect(text.includes('hunter2') || text.includes(Buffer.from('hunter2').toString('base64')) || text.includes('jane-token')).toBe(false);
});

test('a refusal says why, and one without an identity by what it was tried', async () => {
  await server.as('jane-token', 'GET', '/api/v1/nodes', undefined, { 'audit-id': 'refused' });
  expect(of('refused').at(-1)).toMatchObject({
    user: { username: 'jane', uid: '1', groups: ['dev', 'system:authenticated'] },
    responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
  expect((await server.as('wrong', 'GET', '/api/v1/nodes', undefined, { 'audit-id': 'nobody' })).status).toBe(401);
  expect(of('nobody')).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { message: 'Authentication failed, attempted: bearer', code: 401 } }]);
});

test('who acts as somebody else is named beside', async () => {
  await server.admin('GET', '/api/v1/nodes', undefined, { 'audit-id': 'as', 'impersonate-user': 'jane' });
  // It is looked at after the request has been written down.
  expect(of('as')[0].impersonatedUser).toBeUndefined();
  expect(of('as').at(-1)).toMatchObject({ user: { username: 'admin' }, impersonatedUser: { username: 'jane', groups: ['system:authenticated'] } });
});

test('the policy looks at who asks, and who may not act as somebody else is written down', async () => {
  await server.admin('GET', '/api/v1/pods', undefined, { 'audit-id': 'as-jane', 'impersonate-user': 'jane' });
  expect(of('as-jane').map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
  await server.as('jane-token', 'GET', '/api/v1/pods', undefined, { 'audit-id': 'jane' });
  expect(of('jane')).toEqual([]);
  const refused = await server.as('jane-token', 'GET', '/api/v1/nodes', undefined, { 'audit-id': 'not-joe', 'impersonate-user': 'joe' });
  expect(refused.status).toBe(403);
  const [, last] = of('not-joe');
  expect(last).toMatchObject({ stage: 'ResponseComplete', user: { username: 'jane' }, responseStatus: { reason: 'Forbidden', code: 403 } });
  expect(last.impersonatedUser ?? last.annotations).toBeUndefined();
});

test('a token that is issued is named by its id', async () => {
  await server.admin('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'bot' } });
  const { json } = await server.admin('POST', '/api/v1/namespaces/default/serviceaccounts/bot/token', {}, { 'audit-id': 'issued' });
  const { jti } = JSON.parse(Buffer.from(json.status.token.split('.')[1], 'base64url').toString());
  expect(of('issued').at(-1).annotations['authentication.kubernetes.io/issued-credential-id']).toBe(`JTI=${jti}`);
});

test('what is replaced is named by its version, and the target stands as it was sent', async () => {
  const { json } = await server.admin('GET', `${CONFIG_MAPS}/a`);
  const target = `${CONFIG_MAPS}/a?fieldManager=a,b&dryRun=All`;
  await server.admin('PUT', target, { metadata: { name: 'a', uid: json.metadata.uid, resourceVersion: json.metadata.resourceVersion } }, { 'audit-id': 'replaced' });
  const { name, uid, resourceVersion } = json.metadata;
  expect(of('replaced').at(-1)).toMatchObject({ requestURI: target, objectRef: { resource: 'configmaps', namespace: 'default', name, uid, apiVersion: 'v1', resourceVersion } });
});

test('a watch is written down when it begins and when it ends', async () => {
  await server.admin('GET', `${CONFIG_MAPS}?watch=true&timeoutSeconds=1`, undefined, { 'audit-id': 'watched' });
  await eventually('the watch has ended', 60_000, async () => (of('watched').length >= 2 ? true : undefined));
  expect(of('watched').map(({ stage, verb, responseStatus }) => [stage, verb, responseStatus.code])).toEqual([
    ['ResponseStarted', 'watch', 200],
    ['ResponseComplete', 'watch', 200],
  ]);
});

test('a patch and a protobuf body are written down as JSON; a server makes an id where the client has none', async () => {
  await server.admin('PATCH', `${CONFIG_MAPS}/a`, [{ op: 'add', path: '/data/x', value: 'y' }], { 'audit-id': 'patched', 'content-type': 'application/json-patch+json', accept: 'application/vnd.kubernetes.protobuf' });
  expect(of('patched')[0]).toMatchObject({ requestObject: [{ op: 'add', path: '/data/x', value: 'y' }], responseObject: { kind: 'ConfigMap', data: { k: 'v', x: 'y' } } });
  expect((await server.admin('GET', '/version')).headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('the webhook gets the same events in lists, again where it refused them', async () => {
  const ids = (): string[] => posted.flatMap(({ items }) => items.map(({ auditID }: Json) => auditID));
  await eventually('the events have come', 60_000, async () => (['made', 'watched'].every((id) => ids().includes(id)) ? true : undefined));
  expect(posted[0]).toMatchObject({ path: '/audit', authorization: 'Bearer sesame', kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {} });
  expect(posted.flatMap(({ items }) => items).filter(({ auditID }: Json) => auditID === 'made')).toEqual(of('made'));
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FakeClock } from '../../process/fakeClock.ts';
import { silentLogger } from '../../process/log.ts';
import type { ApiRequest, RequestInfo, UserInfo } from '../types.ts';
import { completeReference, legacyLine, requestPart, responseStatus, withActing, withoutManagedFields } from './auditEvent.ts';
import type { AuditEvent } from './auditEvent.ts';
import { evaluatePolicy } from './auditPolicy.ts';
import { BatchingBackend, WebhookBackend } from './backends.ts';
import { readAuditPolicy } from './readAuditPolicy.ts';
import { outdated, RotatingFile } from './rotatingFile.ts';
import { truncateEvents } from './truncate.ts';

const about = (verb: string, path: Partial<RequestInfo> = {}): RequestInfo => ({ isResourceRequest: true, verb, path: '/x', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'default', name: 'web', ...path });
const jane: UserInfo = { name: 'jane', groups: ['dev', 'system:authenticated'] };
const event = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: 'id',
  stage: 'ResponseComplete',
  requestURI: '/api',
  verb: 'get',
  user: { username: 'jane' },
  requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
  stageTimestamp: '2026-01-01T00:00:00.000000Z',
  ...more,
});

const policy = (rules: string): string => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`;
const levelOf = (rules: string, info: RequestInfo, user: UserInfo | undefined = jane): string => evaluatePolicy(readAuditPolicy(policy(rules), 'policy.yaml'), info, user).level;

describe('the policy', () => {
  test.each<[string, RequestInfo, string]>([
    ['- {level: Metadata, users: [jane]}', about('get'), 'Metadata'],
    ['- {level: Metadata, users: [john]}', about('get'), 'None'],
    ['- {level: Metadata, userGroups: [ops, dev]}', about('get'), 'Metadata'],
    ['- {level: Request, verbs: [create]}\n- {level: Metadata}', about('get'), 'Metadata'],
    ['- {level: None, resources: [{resources: [pods]}]}\n- {level: Metadata}', about('get'), 'None'],
    ['- {level: Request, resources: [{resources: [pods]}]}', about('get', { subresource: 'log' }), 'None'],
    ['- {level: Request, resources: [{resources: [pods/log]}]}', about('get', { subresource: 'log' }), 'Request'],
    ['- {level: Request, resources: [{resources: ["*/log"]}]}', about('get', { subresource: 'log' }), 'Request'],
    ['- {level: Request, resources: [{resources: ["pods/*"]}]}', about('get', { subresource: 'log' }), 'Request'],
    ['- {level: Request, resources: [{group: apps}]}', about('get', { group: 'apps', resource: 'deployments' }), 'Request'],
    ['- {level: Request, resources: [{group: apps}]}', about('get'), 'None'],
    ['- {level: None, resources: [{group: "*", resources: ["*/status"]}]}\n- {level: Request}', about('update', { group: 'apps', subresource: 'status' }), 'None'],
    ['- {level: None, resources: [{group: "*", resources: ["*/status"]}]}\n- {level: Request}', about('update'), 'Request'],
    ['- {level: Request, resources: [{resources: [pods], resourceNames: [db]}]}', about('get'), 'None'],
    ['- {level: Request, namespaces: [default]}', about('get'), 'Request'],
    ['- {level: Request, namespaces: [""]}', about('get', { resource: 'nodes', namespace: '' }), 'Request'],
    ['- {level: Request, nonResourceURLs: ["/healthz*"]}', about('get', { isResourceRequest: false, path: '/healthz/etcd' }), 'Request'],
    ['- {level: Request, nonResourceURLs: ["/healthz"]}', about('get'), 'None'],
    ['- {level: Request, resources: [{group: ""}]}', about('get', { isResourceRequest: false }), 'None'],
  ])('%s', (rules, info, expected) => expect(levelOf(rules, info)).toBe(expected));

  test('stages of the policy and of the rule are left out together; the rule says whether owners of fields are', () => {
    const text = `${policy('- {level: Request, omitStages: [Panic], omitManagedFields: false}\n- {level: Request}')}\nomitStages: [RequestReceived]\nomitManagedFields: true`;
    expect(evaluatePolicy(readAuditPolicy(text, 'p'), about('get'), jane)).toEqual({ level: 'Request', omitStages: ['RequestReceived', 'Panic'], omitManagedFields: false });
  });

  test.each([
    ['', 'loaded illegal policy with 0 rules: from file policy.yaml'],
    ['- {verbs: [get]}', 'rules[0].level: Required value: from file policy.yaml'],
    ['- {level: None, resources: [{group: rbac.authorization.k8s.io/v1beta1, resources: [roles]}]}', 'rules[0].resources.group: Invalid value: "rbac.authorization.k8s.io/v1beta1": a lowercase RFC 1123 subdomain'],
    ['- {level: None, nonResourceURLs: ["", /a*/*]}', '[rules[0].nonResourceURLs[0]: Invalid value: "": non-resource URL rules must begin'],
    ['- {level: None, verbs: get}', 'failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.verbs of type []string: from file policy.yaml'],
    ['- {level: Everything}', 'rules[0].level: Unsupported value: "Everything"'],
    ['- {level: None, omitStages: [Never]}', 'rules[0].omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic'],
    ['- {level: None, nonResourceURLs: [healthz]}', "non-resource URL rules must begin with a '/' character"],
    ['- {level: None, nonResourceURLs: ["/a*b"]}', "non-resource URL wildcards '*' must be the final character of the rule"],
    ['- {level: None, nonResourceURLs: [/x], namespaces: [a]}', 'rules cannot apply to both regular resources and non-resource URLs'],
    ['- {level: None, resources: [{resourceNames: [a]}]}', 'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource'],
  ])('that cannot be used: %s', (rules, message) => expect(() => readAuditPolicy(policy(rules), 'policy.yaml')).toThrow(message));
});

test('a policy of another form is none; what it says beyond a policy is told', () => {
  expect(() => readAuditPolicy('rules: []', 'p')).toThrow('unknown group version field audit.k8s.io/__internal, Kind=Policy in policy: from file p');
  expect(() => readAuditPolicy('kind: Policies\napiVersion: audit.k8s.io/v1', 'p')).toThrow('failed decoding: no kind "Policies" is registered for version "audit.k8s.io/v1"');
  const told: string[] = [];
  expect(readAuditPolicy(`${policy('- {level: None, user: [a]}')}\nomit: 1`, 'p', (message) => told.push(message)).rules).toHaveLength(1);
  expect(told).toEqual(['Audit policy contains errors, falling back to lenient decoding: strict decoding error: unknown field "omit", unknown field "rules[0].user"']);
});

test('an event names the one who acts, the one who is acted as, and where the request came from', () => {
  const request = { method: 'GET', path: '/api/v1/x', query: new URLSearchParams('limit=1'), headers: { 'user-agent': 'x'.repeat(2000), 'x-forwarded-for': '192.0.2.1, nonsense' }, body: Buffer.alloc(0), remoteAddress: '::ffff:10.0.0.1', signal: new AbortController().signal } as ApiRequest;
  const root = { name: 'root', groups: [] };
  const part = withActing(requestPart(request, about('get', { group: 'apps' }), root), { ...jane, impersonator: { user: root, constraint: 'impersonate:user-info' } });
  expect(part).toMatchObject({ requestURI: '/api/v1/x?limit=1', user: { username: 'root' }, impersonatedUser: { username: 'jane' }, authenticationMetadata: { impersonationConstraint: 'impersonate:user-info' }, sourceIPs: ['192.0.2.1', '10.0.0.1'], objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiGroup: 'apps', apiVersion: 'v1' } });
  expect(part.userAgent).toBe(`${'x'.repeat(1024)}...TRUNCATED`);
});

test('what was sent says what the URL does not', () => {
  const reference = { resource: 'pods', namespace: 'default', apiVersion: 'v1' };
  expect(completeReference(reference, { name: 'a', namespace: 'other', uid: 'u', resourceVersion: '7' })).toEqual({ ...reference, name: 'a', uid: 'u', resourceVersion: '7' });
  expect(completeReference(reference, { name: '', uid: undefined })).toEqual(reference);
});

test('a status says of a refusal why, and of an object nothing', () => {
  expect(responseStatus(200, { kind: 'Secret', apiVersion: 'v1', data: { a: 'b' } })).toEqual({ metadata: {}, code: 200 });
  expect(responseStatus(404, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'm', reason: 'NotFound', code: 404 })).toEqual({ metadata: {}, status: 'Failure', message: 'm', reason: 'NotFound', code: 404 });
});

test('owners of fields are left out of objects and of lists', () => {
  const object = { metadata: { name: 'a', managedFields: [{}] }, spec: {} };
  expect(withoutManagedFields({ items: [object, object] })).toEqual({ items: [{ metadata: { name: 'a' }, spec: {} }, { metadata: { name: 'a' }, spec: {} }] });
  expect(withoutManagedFields({ kind: 'Table', rows: [{ cells: [1], object }, { cells: [2] }] })).toEqual({ kind: 'Table', rows: [{ cells: [1], object: { metadata: { name: 'a' }, spec: {} } }, { cells: [2] }] });
  expect(object.metadata.managedFields).toBeDefined();
});

test('the older form, in one line', () => {
  expect(legacyLine(event({ responseStatus: { metadata: {}, code: 200 }, user: { username: 'jane', groups: ['a', 'b'] } }))).toBe(
    '2026-01-01T00:00:00.000000Z AUDIT: id="id" stage="ResponseComplete" ip="<unknown>" method="get" user="jane" groups="\\"a\\",\\"b\\"" as="<self>" asgroups="<lookup>" user-agent="" namespace="<none>" uri="/api" response="200"',
  );
});

test('what is too large loses its objects, and goes where it is too large even so', () => {
  const limits = { maxBatchSize: 1000, maxEventSize: 500 };
  const large = event({ requestObject: 'x'.repeat(600) });
  const [first] = truncateEvents([large], limits);
  expect(first![0]).toMatchObject({ annotations: { 'audit.k8s.io/truncated': 'true' } });
  expect(first![0]).not.toHaveProperty('requestObject');
  expect(truncateEvents([event({ requestURI: 'x'.repeat(600) })], limits)).toEqual([]);
  expect(truncateEvents(Array.from({ length: 10 }, () => event()), limits).length).toBeGreaterThan(2);
});

describe('batches', () => {
  const collect = (): { batches: number[]; process(events: readonly AuditEvent[]): Promise<void>; close(): Promise<void> } => {
    const batches: number[] = [];
    return { batches, process: async (events) => void batches.push(events.length), close: async () => undefined };
  };

  test('go when they are full or have waited, and what does not fit is lost', async () => {
    const clock = new FakeClock();
    const inner = collect();
    const backend = new BatchingBackend(inner, { bufferSize: 5, maxSize: 3, maxWaitMilliseconds: 1000 }, clock, silentLogger);
    await clock.advance(0);
    await backend.process([event()]);
    await clock.advance(500);
    expect(inner.batches).toEqual([]);
    await clock.advance(500);
    expect(inner.batches).toEqual([1]);
    await backend.process(Array.from({ length: 9 }, () => event()));
    await clock.advance(1000);
    expect(inner.batches).toEqual([1, 3, 2]);
    await backend.close();
  });

  test('all that waits is written at the end', async () => {
    const inner = collect();
    const clock = new FakeClock();
    const backend = new BatchingBackend(inner, { bufferSize: 50, maxSize: 30, maxWaitMilliseconds: 1000, throttle: { qps: 1, burst: 1 } }, clock, silentLogger);
    await backend.process(Array.from({ length: 40 }, () => event()));
    await backend.close();
    expect(inner.batches).toEqual([30, 10]);
  });

  test('are posted again where they were not taken, with growing pauses', async () => {
    const clock = new FakeClock();
    let calls = 0;
    const send = async (): Promise<void> => {
      calls += 1;
      if (calls < 3) throw new Error('no');
    };
    const backend = new WebhookBackend(send, 1000, clock);
    const sent = backend.process([event()]);
    await clock.advance(1000);
    await clock.advance(1500);
    await sent;
    expect(calls).toBe(3);
  });
});

test('a file that is full is put aside, compressed, and old ones are removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  const clock = new FakeClock();
  const file = new RotatingFile(join(folder, 'deep', 'audit.log'), { maxSize: 1, maxBackups: 2, maxAge: 0, compress: true }, clock);
  for (let at = 0; at < 5; at += 1) {
    await file.write(`${String(at).repeat(600_000)}\n`);
    await clock.advance(1000);
  }
  const names = (await readdir(join(folder, 'deep'))).toSorted();
  expect(names).toEqual(['audit-2026-01-01T00-00-03.000.log.gz', 'audit-2026-01-01T00-00-04.000.log.gz', 'audit.log']);
  expect(gunzipSync(await readFile(join(folder, 'deep', names[1]!))).toString()[0]).toBe('3');
  await rm(folder, { recursive: true });
});

test('only files that were put aside are removed', () => {
  const names = ['audit.log', 'audit-x.log', 'audit-2026-01-01T00-00-00.000.log', 'audit-2026-01-02T00-00-00.000.log.gz', 'other-2026-01-01T00-00-00.000.log'];
  expect(outdated(names, 'audit.log', { maxBackups: 1, maxAge: 0 }, 0)).toEqual(['audit-2026-01-01T00-00-00.000.log']);
  expect(outdated(names, 'audit.log', { maxBackups: 0, maxAge: 1 }, Date.UTC(2026, 0, 3, 1))).toEqual(['audit-2026-01-02T00-00-00.000.log.gz', 'audit-2026-01-01T00-00-00.000.log']);
});

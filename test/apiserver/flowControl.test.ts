import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../rig/apiserver.ts';
import { readWatch } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import type { WholeServer } from '../rig/wholeServer.ts';
import { startWholeServer } from '../rig/wholeServer.ts';

const SLOW_MS = 25;
const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';
let server: WholeServer;

beforeAll(async () => {
  server = await startWholeServer(
    { maxRequestsInFlight: 6, maxMutatingRequestsInFlight: 4, tokenAuthFile: ['noisy', 'quiet', 'tiny', 'other'].map((name) => `${name}-token,${name},${name}-uid`).join('\n') },
    {
      authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
      pathHandlers: () => [{ path: '/slow', handle: async () => sleep(SLOW_MS).then(() => ({ status: 200, headers: {}, body: Buffer.from('ok') })) }],
    },
  );
});
afterAll(() => server.close());

const uidOf = async (kind: string, name: string): Promise<string> => (await server.admin('GET', `${GROUP}/${kind}/${name}`)).json.metadata.uid;
const slow = (who: string): Promise<Answer> => server.as(`${who}-token`, 'GET', '/slow');

async function timed<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const began = performance.now();
  const result = await run();
  return { result, milliseconds: performance.now() - began };
}

test('the objects of Kubernetes are there, and say that their levels exist', async () => {
  const levels = (await server.admin('GET', `${GROUP}/prioritylevelconfigurations`)).json.items;
  expect(levels.map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual(['catch-all', 'exempt', 'global-default', 'leader-election', 'node-high', 'system', 'workload-high', 'workload-low']);
  await eventually('all FlowSchemas have their condition', 30_000, async () => {
    const { items } = (await server.admin('GET', `${GROUP}/flowschemas`)).json;
    return items.length === 11 && items.every((each: { status?: { conditions?: { status: string }[] } }) => each.status?.conditions?.[0]?.status === 'False') ? true : undefined;
  });
});

test('answers say where their request belonged', async () => {
  const { headers } = await slow('other');
  expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await uidOf('flowschemas', 'global-default'));
  expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(await uidOf('prioritylevelconfigurations', 'global-default'));
  expect((await server.admin('GET', '/api/v1/namespaces/none')).headers['x-kubernetes-pf-flowschema-uid']).toBe(await uidOf('flowschemas', 'exempt'));
});

test('a noisy client keeps neither another one nor the administrator from being served', async () => {
  let served = 0;
  const flood = Array.from({ length: 200 }, () => slow('noisy').then(({ status }) => (served += status === 200 ? 1 : 0)));
  await eventually('requests wait', 30_000, async () => ((await server.admin('GET', '/metrics')).text.match(/current_inqueue_requests\{priority_level="global-default",flow_schema="global-default"\} [1-9]\d/) ? true : undefined));
  // How many of the other's are served meanwhile: by order of arrival it would be all that were sent before.
  const overtaking = async (request: () => Promise<Answer>): Promise<number> => {
    const before = served;
    expect((await request()).status).toBe(200);
    return served - before;
  };
  const quiet: number[] = [];
  for (let at = 0; at < 5; at += 1) quiet.push(await overtaking(() => slow('quiet')));
  const admin = await overtaking(() => server.admin('GET', '/slow'));
  expect(200 - served).toBeGreaterThan(50);
  expect(Math.max(...quiet)).toBeLessThan(30);
  expect(admin).toBeLessThan(30);
  await Promise.all(flood);
  expect(served).toBe(200);
});

test('a full queue answers 429 with Retry-After, and the debug pages show who waits', async () => {
  const limited = { nominalConcurrencyShares: 1, borrowingLimitPercent: 0, limitResponse: { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 2 } } };
  expect((await server.admin('POST', `${GROUP}/prioritylevelconfigurations`, { metadata: { name: 'tiny' }, spec: { type: 'Limited', limited } })).status).toBe(201);
  const rules = [{ subjects: [{ kind: 'User', user: { name: 'tiny' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/slow'] }] }];
  const schema = { metadata: { name: 'tiny' }, spec: { matchingPrecedence: 50, priorityLevelConfiguration: { name: 'tiny' }, distinguisherMethod: { type: 'ByUser' }, rules } };
  expect((await server.admin('POST', `${GROUP}/flowschemas`, schema)).status).toBe(201);
  const uid = await uidOf('flowschemas', 'tiny');
  await eventually('it is in force', 30_000, async () => ((await slow('tiny')).headers['x-kubernetes-pf-flowschema-uid'] === uid ? true : undefined));
  const sent = Array.from({ length: 12 }, () => slow('tiny'));
  const dump = server.admin('GET', '/debug/api_priority_and_fairness/dump_requests?includeRequestDetails=1');
  const answers = await Promise.all(sent);
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(3);
  expect(refused.length).toBeGreaterThanOrEqual(1);
  expect(refused[0]).toMatchObject({ headers: { 'retry-after': '1', 'x-kubernetes-pf-flowschema-uid': uid }, json: { reason: 'TooManyRequests', message: 'Too many requests, please try again later.' } });
  expect((await dump).text).toMatch(/^PriorityLevelName,\s+FlowSchemaName,\s+QueueIndex,/);
  expect((await server.admin('GET', '/debug/api_priority_and_fairness/dump_priority_levels')).text).toMatch(/\ntiny,\s+0,\s+true,\s+false,\s+0,\s+0\n/);
  expect((await server.admin('GET', '/metrics')).text).toContain('apiserver_flowcontrol_rejected_requests_total{priority_level="tiny",flow_schema="tiny",reason="queue-full"}');
});

test('those who go on being turned away are sent away for longer', async () => {
  const grown = await eventually('Retry-After grows', 30_000, async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => slow('tiny')));
    return answers.find(({ headers }) => Number(headers['retry-after']) > 1);
  });
  expect(grown).toMatchObject({ status: 429, json: { reason: 'TooManyRequests' } });
});

test('a write that many watch keeps seats of its level for those who are told', async () => {
  const rules = [{ subjects: [{ kind: 'User', user: { name: 'tiny' } }], resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }] }];
  const limits = { matchingPrecedence: 51, priorityLevelConfiguration: { name: 'tiny' }, distinguisherMethod: { type: 'ByUser' }, rules };
  const { json } = await server.admin('POST', `${GROUP}/flowschemas`, { metadata: { name: 'tiny-writes' }, spec: limits });
  const write = (at: number): Promise<Answer> => server.as('tiny-token', 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: `watched-${at}` } });
  await eventually('it is in force', 30_000, async () => ((await server.as('tiny-token', 'GET', '/api/v1/namespaces/default/configmaps/none')).headers['x-kubernetes-pf-flowschema-uid'] === json.metadata.uid ? true : undefined));
  const watches = Array.from({ length: 40 }, () => readWatch(server.agent, server.port, '/api/v1/configmaps?watch=true&fieldSelector=metadata.namespace%3Ddefault'));
  await eventually('they have begun', 30_000, async () => (Number(/^apiserver_longrunning_requests (\d+)/m.exec((await server.admin('GET', '/metrics')).text)?.[1] ?? 0) >= 40 ? true : undefined));
  // Four seats for 5 ms each, of which the level has one: 20 ms after every answer but the last.
  const { result, milliseconds } = await timed(async () => [await write(0), await write(1), await write(2), await write(3), await write(4)]);
  expect(result.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  expect(milliseconds).toBeGreaterThan(75);
  for (const watch of watches) watch.stop();
  await server.admin('DELETE', `${GROUP}/flowschemas/tiny-writes`);
});

test('a FlowSchema whose level is deleted says so, and its requests go where they went before', async () => {
  await server.admin('DELETE', `${GROUP}/prioritylevelconfigurations/tiny`);
  await eventually('it dangles', 30_000, async () => {
    const { status } = (await server.admin('GET', `${GROUP}/flowschemas/tiny`)).json;
    return status.conditions[0].status === 'True' && status.conditions[0].reason === 'NotFound' ? true : undefined;
  });
  expect((await slow('tiny')).headers['x-kubernetes-pf-flowschema-uid']).toBe(await uidOf('flowschemas', 'global-default'));
});

test('what is mandatory cannot be changed', async () => {
  const { json: exempt } = await server.admin('GET', `${GROUP}/flowschemas/exempt`);
  const changed = { ...exempt, spec: { ...exempt.spec, rules: [{ subjects: [{ kind: 'User', user: { name: 'nobody' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] }] } };
  const refused = await server.admin('PUT', `${GROUP}/flowschemas/exempt`, changed);
  expect(refused.status).toBe(422);
  expect(refused.json.message).toMatch(/^FlowSchema.flowcontrol.apiserver.k8s.io "exempt" is invalid: spec: Invalid value: \{"PriorityLevelConfiguration":\{"Name":"exempt"\}.*: spec of 'exempt' must equal the fixed value$/);
  expect((await server.admin('GET', '/version')).headers['x-kubernetes-pf-flowschema-uid']).toBe(exempt.metadata.uid);
});

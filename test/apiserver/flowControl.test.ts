import type { Answer } from '../rig/apiserver.ts';
import { readWatch } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import type { WholeServer } from '../rig/wholeServer.ts';
import { startWholeServer } from '../rig/wholeServer.ts';

const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';
let server: WholeServer;
/** Requests of /slow are worked on until the gate is open; whose they were, in the order in which they began. */
const begun: string[] = [];
let gate = Promise.resolve();
let openGate = (): void => undefined;

beforeAll(async () => {
  server = await startWholeServer(
    // A request may wait for its turn for a quarter of a request's time: longer than any test keeps the gate shut.
    { maxRequestsInFlight: 6, maxMutatingRequestsInFlight: 4, requestTimeoutMilliseconds: 1_200_000, tokenAuthFile: ['noisy', 'quiet', 'tiny', 'other'].map((name) => `${name}-token,${name},${name}-uid`).join('\n') },
    {
      authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
      pathHandlers: () => [{
        path: '/slow',
        handle: async ({ user }) => {
          begun.push(user.name);
          await gate;
          return { status: 200, headers: {}, body: Buffer.from('ok') };
        },
      }],
    },
  );
});
beforeEach(() => begun.splice(0));
afterEach(() => openGate());
afterAll(() => server.close());

const uidOf = async (kind: string, name: string): Promise<string> => (await server.admin('GET', `${GROUP}/${kind}/${name}`)).json.metadata.uid;
const slow = (who: string): Promise<Answer> => server.as(`${who}-token`, 'GET', '/slow');

function shutGate(): void {
  const shut = Promise.withResolvers<void>();
  [gate, openGate] = [shut.promise, shut.resolve];
}

/** Waits until so many requests of a level and its FlowSchema have begun or wait in its queues. */
async function arrived(name: string, count: number): Promise<void> {
  const waiting = new RegExp(`current_inqueue_requests\\{priority_level="${name}",flow_schema="${name}"\\} (\\d+)`);
  await eventually(`${count} requests have arrived`, 120_000, async () => (begun.length + Number(waiting.exec((await server.admin('GET', '/metrics')).text)?.[1] ?? 0) >= count ? true : undefined));
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
  shutGate();
  const flood = Array.from({ length: 120 }, () => slow('noisy'));
  await arrived('global-default', 120);
  const quiet = Array.from({ length: 5 }, () => slow('quiet'));
  await arrived('global-default', 125);
  expect(begun).not.toContain('quiet');
  // Nobody has been let go of yet.
  const admin = server.admin('GET', '/slow');
  await eventually('the administrator is served', 60_000, () => (begun.includes('admin') ? true : undefined));
  openGate();
  for (const { status } of await Promise.all([...flood, ...quiet, admin])) expect(status).toBe(200);
  // By order of arrival they would be the last.
  expect(begun.filter((who) => who === 'quiet')).toHaveLength(5);
  expect(begun.lastIndexOf('quiet')).toBeLessThan(60);
});

test('a full queue answers 429 with Retry-After, and the debug pages show who waits', async () => {
  const limited = { nominalConcurrencyShares: 1, borrowingLimitPercent: 0, limitResponse: { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 2 } } };
  expect((await server.admin('POST', `${GROUP}/prioritylevelconfigurations`, { metadata: { name: 'tiny' }, spec: { type: 'Limited', limited } })).status).toBe(201);
  const rules = [{ subjects: [{ kind: 'User', user: { name: 'tiny' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/slow'] }] }];
  const schema = { metadata: { name: 'tiny' }, spec: { matchingPrecedence: 50, priorityLevelConfiguration: { name: 'tiny' }, distinguisherMethod: { type: 'ByUser' }, rules } };
  expect((await server.admin('POST', `${GROUP}/flowschemas`, schema)).status).toBe(201);
  const uid = await uidOf('flowschemas', 'tiny');
  await eventually('it is in force', 30_000, async () => ((await slow('tiny')).headers['x-kubernetes-pf-flowschema-uid'] === uid ? true : undefined));
  begun.splice(0);
  shutGate();
  const page = async (name: string): Promise<string> => (await server.admin('GET', `/debug/api_priority_and_fairness/${name}`)).text;
  const sent = Array.from({ length: 12 }, () => slow('tiny'));
  // One has the seat, two wait.
  const refused: Answer[] = [];
  for (const each of sent) void each.then((answer) => answer.status === 429 && refused.push(answer));
  await eventually('the others are refused', 60_000, () => (refused.length === 9 ? true : undefined));
  expect(await page('dump_requests?includeRequestDetails=1')).toMatch(/^PriorityLevelName,\s+FlowSchemaName,\s+QueueIndex,.*\n(?:.*\n)*tiny,\s+tiny,\s+0,\s+1,\s/);
  expect(await page('dump_priority_levels')).toMatch(/\ntiny,\s+1,\s+false,\s+false,\s+2,\s+1\n/);
  // The first one at least; from the next second on others may be told to wait for longer.
  expect(refused.find(({ headers }) => headers['retry-after'] === '1')).toMatchObject({ headers: { 'x-kubernetes-pf-flowschema-uid': uid }, json: { reason: 'TooManyRequests', message: 'Too many requests, please try again later.' } });
  openGate();
  expect((await Promise.all(sent)).filter(({ status }) => status === 200)).toHaveLength(3);
  await eventually('nobody is left', 30_000, async () => (/\ntiny,\s+0,\s+true,\s+false,\s+0,\s+0\n/.test(await page('dump_priority_levels')) ? true : undefined));
  expect((await server.admin('GET', '/metrics')).text).toContain('apiserver_flowcontrol_rejected_requests_total{priority_level="tiny",flow_schema="tiny",reason="queue-full"} 9');
});

test('those who go on being turned away are sent away for longer', async () => {
  shutGate();
  const kept = Array.from({ length: 3 }, () => slow('tiny'));
  await arrived('tiny', 3);
  const grown = await eventually('Retry-After grows', 60_000, async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => slow('tiny')));
    return answers.find(({ headers }) => Number(headers['retry-after']) > 1);
  });
  expect(grown).toMatchObject({ status: 429, json: { reason: 'TooManyRequests' } });
  openGate();
  await Promise.all(kept);
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
  const began = performance.now();
  for (let at = 0; at < 5; at += 1) expect((await write(at)).status).toBe(201);
  // A least time, which no busy machine makes shorter.
  expect(performance.now() - began).toBeGreaterThan(75);
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

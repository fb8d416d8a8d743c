import { objectKey } from '../../apiserver/storage/types.ts';
import { openStorage } from '../../apiserver/storage/openStorage.ts';
import type { KubeObject } from '../../api/meta.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';
import { PATIENT } from '../rig/etcd.ts';

let api: TestApi;
const CRON_JOB = '/apis/batch/v1/namespaces/default/cronjobs/old';

beforeAll(async () => {
  api = await startHandlers();
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
});
afterAll(() => api.close());

const cronJob = { metadata: { name: 'old' }, spec: { schedule: '@daily', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } } } };
const merge = (body: object): ReturnType<TestApi['request']> => api.request('PATCH', CRON_JOB, body, { 'content-type': 'application/merge-patch+json' });

/** Puts an object into etcd as a laxer server would have. */
async function store(object: KubeObject): Promise<void> {
  const signal = new AbortController();
  const opened = await openStorage({ endpoints: api.etcd.endpoints, ...PATIENT }, { clock: systemClock, logger: silentLogger, signal: signal.signal });
  const key = objectKey({ group: 'batch', resource: 'cronjobs' }, 'default', object.metadata.name);
  const stored = await opened.storage.get(key);
  await opened.storage.transact([{ key, revision: stored?.revision ?? 0 }], [{ kind: 'put', key, object }]);
  signal.abort();
  await opened.close();
}

test('what was accepted once does not stand in the way of other changes; what is changed is judged', async () => {
  const { json: made } = await api.request('POST', '/apis/batch/v1/namespaces/default/cronjobs', cronJob);
  await store({ ...made, spec: { ...made.spec, schedule: 'every day', failedJobsHistoryLimit: -1 } });
  expect(await merge({ metadata: { labels: { a: 'b' } }, spec: { suspend: true } })).toMatchObject({ status: 200, json: { spec: { suspend: true, schedule: 'every day' } } });
  const refused = await merge({ spec: { schedule: 'every week' } });
  expect(refused).toMatchObject({ status: 422, json: { details: { causes: [{ field: 'spec.schedule' }] } } });
  expect(await merge({ spec: { schedule: '@weekly' } })).toMatchObject({ status: 200 });
  // Once it is right it may not become wrong again.
  expect((await merge({ spec: { schedule: 'every day' } })).status).toBe(422);
  expect((await merge({ spec: { failedJobsHistoryLimit: -2 } })).status).toBe(422);
});

test('times that nobody has set are shown as null, and are no change', async () => {
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  expect((await api.request('POST', '/api/v1/namespaces/default/pods', pod)).json.metadata.creationTimestamp).toMatch(/Z$/);
  const path = '/api/v1/namespaces/default/pods/p';
  const patch = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
  const { json: first } = await api.request('PATCH', `${path}/status`, patch, strategic);
  expect(first.status.conditions).toEqual([{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }]);
  const { json: second } = await api.request('PATCH', `${path}/status`, patch, strategic);
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  expect((await api.request('PUT', `${path}/status`, first)).json.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  expect((await api.request('GET', path, undefined, { accept: 'application/yaml' })).text).toContain('lastProbeTime: null');
  expect((await api.request('GET', path, undefined, { accept: 'application/vnd.kubernetes.protobuf' })).status).toBe(200);
  const event = { metadata: { name: 'e', namespace: 'default' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'R', message: 'm', type: 'Normal' };
  const { json: made } = await api.request('POST', '/api/v1/namespaces/default/events', event);
  expect(made).toMatchObject({ eventTime: null, firstTimestamp: null, lastTimestamp: null });
  expect((await api.request('GET', '/apis/events.k8s.io/v1/namespaces/default/events/e')).json).toMatchObject({ eventTime: null, deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null });
  expect((await api.request('PUT', '/api/v1/namespaces/default/events/e', { ...made, message: 'n' })).status).toBe(200);
  const table = await api.request('GET', '/api/v1/namespaces/default/events', undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  expect(table.json.rows[0].cells[0]).toBe('<unknown>');
});

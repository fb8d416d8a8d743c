import type { V1LimitRange, V1Pod, V1ResourceRequirements } from '../../../api/generated/types.ts';
import { LimitRanges, Pods } from '../../../client/resources.ts';
import { ConformanceCluster, STRATEGIC } from '../conformanceCluster.ts';

let cluster: ConformanceCluster;
let namespace = '';
beforeAll(async () => {
  cluster = await ConformanceCluster.start({ scheduler: false, controllers: ['serviceaccount-controller', 'namespace-controller'] });
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
});

const amounts = (cpu: string, memory: string, storage: string): Record<string, string> => Object.fromEntries(Object.entries({ cpu, memory, 'ephemeral-storage': storage }).filter(([, amount]) => amount !== ''));
const LIMITS = {
  type: 'Container',
  min: amounts('50m', '100Mi', '100Gi'),
  max: amounts('500m', '500Mi', '500Gi'),
  default: amounts('500m', '500Mi', '500Gi'),
  defaultRequest: amounts('100m', '200Mi', '200Gi'),
  maxLimitRequestRatio: {},
};
const makeRange = (name: string, labels: Record<string, string>, inside = namespace): Promise<V1LimitRange> =>
  cluster.client.create(LimitRanges, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name, namespace: inside, labels }, spec: { limits: [LIMITS] } });
const makePod = (name: string, requests: Record<string, string>, limits: Record<string, string>): Promise<V1Pod> =>
  cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { containers: [{ name: 'pause', image: 'pause:3', resources: { requests, limits } }] } });
const resourcesOf = async (name: string): Promise<V1ResourceRequirements | undefined> => (await cluster.client.get(Pods, name, namespace)).spec?.containers[0]?.resources;

test('LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
  const watch = await cluster.watch(LimitRanges, { namespace, labelSelector: 'time=now' });
  await makeRange('limit-range', { time: 'now' });
  await watch.next('ADDED');
  expect((await cluster.client.get(LimitRanges, 'limit-range', namespace)).spec?.limits?.[0]).toMatchObject({ default: LIMITS.default, defaultRequest: LIMITS.defaultRequest });
  await makePod('pod-no-resources', {}, {});
  expect(await resourcesOf('pod-no-resources')).toEqual({ requests: LIMITS.defaultRequest, limits: LIMITS.default });
  // A limit without a request is the request.
  await makePod('pod-partial-resources', amounts('', '150Mi', '150Gi'), amounts('300m', '', ''));
  expect(await resourcesOf('pod-partial-resources')).toEqual({ requests: amounts('300m', '150Mi', '150Gi'), limits: amounts('300m', '500Mi', '500Gi') });
  const tooLittle = makePod('pfpod', amounts('10m', '50Mi', '50Gi'), {});
  await expect(tooLittle).rejects.toMatchObject({ reason: 'Forbidden', message: expect.stringContaining('minimum cpu usage per Container is 50m, but request is 10m') });
  await expect(makePod('pfpod', amounts('600m', '600Mi', '600Gi'), {})).rejects.toMatchObject({ reason: 'Invalid' });
  await cluster.update(LimitRanges, 'limit-range', namespace, ({ spec }) => {
    spec!.limits[0]!.min = amounts('9m', '49Mi', '49Gi');
  });
  // What is told of is what pods are measured by.
  await watch.next('MODIFIED');
  await makePod('pfpod', amounts('10m', '50Mi', '50Gi'), {});
  await expect(makePod('pfpod', amounts('600m', '600Mi', '600Gi'), {})).rejects.toMatchObject({ reason: 'Invalid' });
  await cluster.client.delete(LimitRanges, 'limit-range', namespace, { gracePeriodSeconds: 30 });
  await cluster.untilGone(LimitRanges, 'limit-range', namespace);
  await makePod('pfpod2', amounts('600m', '600Mi', '600Gi'), {});
});

test('LimitRange should list, patch and delete a LimitRange by collection', async () => {
  const other = await cluster.namespace();
  const name = 'e2e-limitrange';
  const labels = { 'e2e-test': name, [name]: 'created' };
  const made = await makeRange(name, labels);
  await makeRange(name, labels, other);
  expect((await cluster.client.list(LimitRanges, { labelSelector: `e2e-test=${name}` })).items).toHaveLength(2);
  const min = amounts('9m', '49Mi', '49Gi');
  const patch = { metadata: { creationTimestamp: made.metadata.creationTimestamp, labels: { [name]: 'patched' } }, spec: { limits: [{ ...LIMITS, min }] } };
  const patched = await cluster.client.patch(LimitRanges, name, namespace, STRATEGIC, patch);
  expect(patched.metadata.labels?.[name]).toBe('patched');
  expect(patched.spec?.limits).toMatchObject([{ min }]);
  await cluster.deleteCollection(LimitRanges, namespace, `${name}=patched`);
  expect((await cluster.client.list(LimitRanges, { labelSelector: `${name}=patched` })).items).toHaveLength(0);
  expect((await cluster.client.list(LimitRanges, { labelSelector: `e2e-test=${name}` })).items).toHaveLength(1);
});

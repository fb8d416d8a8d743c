import type { V1Pod, V1Toleration } from '../../api/generated/types.ts';
import { DNS_ENDPOINTS_MANAGER, LABEL_ENDPOINT_SLICE_MANAGED_BY } from '../../api/wellKnown.ts';
import { DaemonSets, Deployments, EndpointSlices, Events, Jobs, Leases, Nodes, Pods, StatefulSets } from '../../client/resources.ts';
import { ignoreReasons } from '../../controllers/expectedErrors.ts';
import { formatMicroTime, formatTime, systemClock } from '../../process/clock.ts';
import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes } from '../rig/handKubelet.ts';

const GRACE = 4000;
/** How long pods stay on a node that is lost, in seconds: longer than from the first node's being missed to the last one's, where all are. */
const TOLERATED = 3;
/** Nodes that renew their leases; a node that is taken out falls silent. */
const living = new Set<string>();
/** When a node's lease was last on its way, by `performance.now()`. */
const renewedAt = new Map<string, number>();
let plane: ControlPlane;
let beating: Promise<unknown>;
let outage = false;
const stop = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane({ settings: { nodeMonitorPeriod: 200, nodeMonitorGracePeriod: GRACE, nodeEvictionRate: 10 }, storage: { requestTimeoutMilliseconds: 5_000 } });
  await plane.run('wait --for=create serviceaccount/default --timeout=90s');
  await addNodes(plane.client, ['n1', 'n2', 'n3']);
  for (const name of ['n1', 'n2', 'n3']) living.add(name);
  // Pods that are many must not keep nodes from renewing their leases.
  beating = Promise.all([repeat(() => Promise.all([...living].map(renew))), repeat(runPods)]);
});
afterAll(async () => {
  stop.abort();
  await beating;
  await plane.close();
});

/** What kubelets do for their nodes: leases, a Ready that comes back, pods that run, and nothing at all once they are silent. */
async function repeat(act: () => Promise<unknown>): Promise<void> {
  while (!stop.signal.aborted) {
    try {
      // Others change and delete the same objects; the next round sees what they did.
      await ignoreReasons(['NotFound', 'Conflict', 'Invalid'], act);
    } catch (error) {
      if (!outage) throw error;
    }
    await systemClock.sleep(200, stop.signal);
  }
}

async function runPods(): Promise<void> {
  const pods = (await plane.client.list(Pods, { namespace: 'default' })).items;
  for (const pod of pods) if (living.has(pod.spec?.nodeName ?? '')) await ignoreReasons(['NotFound', 'Conflict', 'Invalid'], () => run(pod));
}

async function renew(name: string): Promise<void> {
  renewedAt.set(name, performance.now());
  const renewTime = formatMicroTime(Date.now());
  const present = (await plane.client.list(Leases, { namespace: 'kube-node-lease', fieldSelector: `metadata.name=${name}` })).items[0];
  if (present) await plane.client.update(Leases, { ...present, spec: { ...present.spec, renewTime } });
  else await plane.client.create(Leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime } });
  const node = await plane.client.get(Nodes, name);
  if (node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True') return;
  const now = formatTime(Date.now());
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: now, lastTransitionTime: now }];
  await plane.client.patch(Nodes, name, undefined, 'application/strategic-merge-patch+json', { status: { conditions } }, 'status');
}

async function run(pod: V1Pod): Promise<void> {
  // The next one of that name may be there by now.
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    if (pod.status?.phase === 'Running') await plane.client.patch(Pods, name, namespace, 'application/merge-patch+json', { metadata: { uid }, status: { phase: 'Failed' } }, 'status');
    await plane.client.delete(Pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } });
    return;
  }
  if (pod.status?.phase === 'Running' && pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) return;
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(Date.now()) }];
  await plane.client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, status: { phase: 'Running', conditions } }, 'status');
}

const podsOf = async (app: string): Promise<readonly V1Pod[]> => (await plane.client.list(Pods, { namespace: 'default', labelSelector: `app=${app}` })).items;
const dnsReady = async (node: string) => (await plane.client.get(EndpointSlices, `kube-dns-${node}`, 'kube-system')).endpoints?.[0]?.conditions?.ready;
const isReady = (pod: V1Pod): boolean => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
const template = (app: string, tolerations: V1Toleration[] = []) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'app' }], tolerations, terminationGracePeriodSeconds: 1 } });
const soon: V1Toleration[] = ['not-ready', 'unreachable'].map((key) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATED }));
const taintsOf = async (name: string) => ((await plane.client.get(Nodes, name)).spec?.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`).sort();
const readyOf = async (name: string) => (await plane.client.get(Nodes, name)).status?.conditions?.find(({ type }) => type === 'Ready');

test('a silent node is Unknown after the grace period; its pods are replaced, numbered ones only when it is certain', async () => {
  const meta = (name: string) => ({ name, namespace: 'default' });
  const selector = (app: string) => ({ matchLabels: { app } });
  await plane.client.create(Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('web'), spec: { replicas: 3, selector: selector('web'), template: template('web', soon) } });
  await plane.client.create(DaemonSets, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: meta('agent'), spec: { selector: selector('agent'), template: template('agent') } });
  await plane.client.create(StatefulSets, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: meta('db'), spec: { serviceName: 'db', replicas: 3, podManagementPolicy: 'Parallel', selector: selector('db'), template: template('db', soon) } });
  // One of each on each node that takes pods.
  const spread = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', nodeTaintsPolicy: 'Honor' };
  for (const [name, policy] of [['work', 'TerminatingOrFailed'], ['strict', 'Failed']] as const) {
    const { metadata, spec } = template(name, soon);
    const jobTemplate = { metadata, spec: { ...spec, restartPolicy: 'Never', topologySpreadConstraints: [{ ...spread, labelSelector: selector(name) }] } };
    await plane.client.create(Jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: meta(name), spec: { completions: 3, parallelism: 3, completionMode: 'Indexed', podReplacementPolicy: policy, template: jobTemplate } });
  }
  for (const app of ['web', 'agent', 'db', 'work', 'strict']) await eventually(`3 of ${app} are ready`, async () => ((await podsOf(app)).filter(isReady).length === 3 ? true : undefined));

  const numbered = (await podsOf('db')).find(({ spec }) => spec?.nodeName === 'n3')!;
  const daemon = (await podsOf('agent')).find(({ spec }) => spec?.nodeName === 'n3')!;
  living.delete('n3');
  const condition = await eventually('n3 is Unknown', async () => {
    const ready = await readyOf('n3');
    return ready?.status === 'Unknown' ? ready : undefined;
  });
  expect(performance.now() - renewedAt.get('n3')!).toBeGreaterThan(GRACE);
  expect(condition).toMatchObject({ reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' });
  await eventually('it is tainted', async () => ((await taintsOf('n3')).join() === 'unreachable:NoExecute,unreachable:NoSchedule' ? true : undefined));

  await eventually('three of web are ready elsewhere', async () => ((await podsOf('web')).filter((pod) => pod.spec?.nodeName !== 'n3' && isReady(pod)).length === 3 ? true : undefined));
  // Nobody can say that it has ended, so its name is not given again.
  const standing = await eventually('its pod of db is to go, too', async () => {
    const pod = await plane.client.get(Pods, numbered.metadata.name, 'default');
    return pod.metadata.deletionTimestamp !== undefined && !isReady(pod) ? pod : undefined;
  });
  expect([standing.metadata.uid, standing.spec?.nodeName]).toEqual([numbered.metadata.uid, 'n3']);
  expect(standing.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({ reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' });
  expect((await podsOf('db')).map(({ metadata }) => metadata.name).sort()).toEqual(['db-0', 'db-1', 'db-2']);
  // The daemon stays: it tolerates, and its node is its only place.
  const stays = await eventually('its pod of agent is not ready', async () => {
    const pod = await plane.client.get(Pods, daemon.metadata.name, 'default');
    return isReady(pod) ? undefined : pod;
  });
  expect(stays.metadata.deletionTimestamp).toBeUndefined();

  // A Job's pod is replaced after the back-off of a failure, unless only those count as failed that have ended.
  await eventually('three of work run elsewhere', async () => ((await podsOf('work')).filter((pod) => pod.spec?.nodeName !== 'n3' && isReady(pod)).length === 3 ? true : undefined));
  const strict = await eventually('one of strict is to go', async () => {
    const pods = await podsOf('strict');
    return pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined) ? pods : undefined;
  });
  expect([strict.length, strict.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length]).toEqual([3, 1]);

  for (const event of ['NodeNotReady: Node n3 status is now: NodeNotReady', 'NodeNotReady: Node is not ready', `TaintManagerEviction: Marking for deletion Pod default/${numbered.metadata.name}`]) {
    await eventually(`the event ${event}`, async () => ((await plane.client.list(Events)).items.some(({ reason, message }) => `${reason}: ${message}` === event) ? true : undefined));
  }
});

test('the DNS of a silent node is not asked', async () => {
  // The slices are as each node's DNS writes its own.
  for (const name of ['n1', 'n3']) {
    await plane.client.create(EndpointSlices, {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
      metadata: { name: `kube-dns-${name}`, namespace: 'kube-system', labels: { [LABEL_ENDPOINT_SLICE_MANAGED_BY]: DNS_ENDPOINTS_MANAGER } },
      endpoints: [{ addresses: ['10.0.0.9'], nodeName: name, conditions: { ready: true, serving: true, terminating: false } }],
    });
  }
  await eventually('it is not ready', async () => ((await dnsReady('n3')) === false ? true : undefined));
  expect(await dnsReady('n1')).toBe(true);
});

test('a node that comes back is used again, and what was replaced ends', async () => {
  living.add('n3');
  await eventually('n3 has no taints', async () => ((await taintsOf('n3')).length === 0 ? true : undefined));
  await eventually('db is whole again, each name once', async () => {
    const pods = await podsOf('db');
    return pods.length === 3 && pods.every((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined) ? true : undefined;
  });
  await eventually('no pod of web is left over', async () => ((await podsOf('web')).length === 3 ? true : undefined));
  expect((await podsOf('db')).map(({ metadata }) => metadata.name).sort()).toEqual(['db-0', 'db-1', 'db-2']);
  await eventually('three of strict run', async () => ((await podsOf('strict')).filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length === 3 ? true : undefined));
  await plane.run('delete job work strict --cascade=foreground');
  await eventually('its DNS is asked again', async () => ((await dnsReady('n3')) ? true : undefined));
});

test('a person says that a node is off: its numbered pods are replaced at once', async () => {
  const numbered = (await podsOf('db')).find(({ spec }) => spec?.nodeName === 'n2') ?? (await podsOf('db'))[0]!;
  const lost = numbered.spec!.nodeName!;
  living.delete(lost);
  await eventually('it is to end', async () => ((await plane.client.get(Pods, numbered.metadata.name, 'default')).metadata.deletionTimestamp !== undefined ? true : undefined));
  await plane.run(`taint nodes ${lost} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`);
  // The round of the pods' collector is every 20 s.
  const replaced = await eventually('it was replaced', async () => {
    const pod = (await podsOf('db')).find(({ metadata }) => metadata.name === numbered.metadata.name);
    return pod && pod.metadata.uid !== numbered.metadata.uid && isReady(pod) ? pod : undefined;
  });
  expect(replaced.spec?.nodeName).not.toBe(lost);
  await plane.run(`taint nodes ${lost} node.kubernetes.io/out-of-service-`);
  living.add(lost);
  await eventually('it is back', async () => ((await taintsOf(lost)).length === 0 ? true : undefined));
});

test('when no node is heard of, none is emptied; when they are heard again, all goes on', async () => {
  const settled = await eventually('three of web run, and no other is left', async () => {
    const pods = await podsOf('web');
    return pods.length === 3 && pods.every((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined) ? pods : undefined;
  });
  const before = settled.map(({ metadata }) => metadata.uid).sort();
  const all = [...living];
  living.clear();
  for (const name of all) await eventually(`${name} is Unknown`, async () => ((await readyOf(name))?.status === 'Unknown' ? true : undefined));
  await eventually('no NoExecute taint is left', async () => {
    const taints = await Promise.all(all.map(taintsOf));
    return taints.every((each) => each.join() === 'unreachable:NoSchedule') ? true : undefined;
  });
  // Longer than a pod would be left where one node is lost.
  await systemClock.sleep(TOLERATED * 1000 + 1500);
  for (const name of all) living.add(name);
  for (const name of all) await eventually(`${name} is back`, async () => ((await taintsOf(name)).length === 0 ? true : undefined));
  expect((await podsOf('web')).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
});

test('an outage of etcd that is longer than the grace period is no node\'s fault', async () => {
  const since = async () => Promise.all(['n1', 'n2', 'n3'].map(async (name) => (await readyOf(name))?.lastTransitionTime));
  const before = await since();
  outage = true;
  await plane.etcd.pause();
  await systemClock.sleep(3 * GRACE);
  plane.etcd.resume();
  await eventually('the API server answers', async () => {
    const { status } = await plane.client.raw({ method: 'GET', path: '/readyz' });
    return status === 200 ? true : undefined;
  });
  for (const end = performance.now() + 2 * GRACE; performance.now() < end; await systemClock.sleep(100)) {
    for (const name of ['n1', 'n2', 'n3']) expect((await readyOf(name))?.status).toBe('True');
  }
  outage = false;
  // None was anything else in between.
  expect(await since()).toEqual(before);
});

import type { RigHost } from '../rig/host.ts';
import { eventually } from '../rig/processes.ts';
import type { ChaosCluster } from './chaosCluster.ts';
import { type Fault, restartsOfServer } from './faults.ts';

/** A Deployment that leaves a lost node soon, and a StatefulSet, whose pods are replaced only when it is certain that they do not run. */
const workload = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      tolerations:
      - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      containers: [{name: web, image: 'web:1', readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 1
      tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1}]
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: db}}}
      containers: [{name: db, image: 'web:1'}]
`;

export async function deployWorkload(cluster: ChaosCluster, replicas: number): Promise<void> {
  // What a fault before has told of a node must be over: they all take pods.
  for (const { name } of cluster.workers) await eventually(`${name} takes pods`, 120_000, async () => ((await cluster.kubectl(['get', 'node', name, '-o', 'jsonpath={.spec.taints}'])) === '' ? true : undefined));
  await cluster.kubectl(['apply', '-f', '-'], workload(replicas));
  await cluster.kubectl(['rollout', 'status', 'deployment/web', '--timeout=250s', '--request-timeout=0']);
  await cluster.kubectl(['rollout', 'status', 'statefulset/db', '--timeout=250s', '--request-timeout=0']);
}

export interface PodPlace {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly ready: boolean;
  readonly terminating: boolean;
}

export async function podsOf(cluster: ChaosCluster, app: string): Promise<PodPlace[]> {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'pods', '-l', `app=${app}`, '-o', 'json'])) as {
    items: Array<{ metadata: { name: string; uid: string; deletionTimestamp?: string }; spec: { nodeName?: string }; status: { conditions?: Array<{ type: string; status: string }> } }>;
  };
  return items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    ready: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    terminating: metadata.deletionTimestamp !== undefined,
  }));
}

/** Waits until so many pods of the app are ready on other nodes than this one. */
export async function readyElsewhere(cluster: ChaosCluster, app: string, node: string, count: number, seconds = 180): Promise<void> {
  await eventually(`${count} pods of ${app} are ready elsewhere than on ${node}`, seconds * 1000, async () => {
    const pods = await podsOf(cluster, app);
    return pods.filter((pod) => pod.ready && !pod.terminating && pod.node !== node).length >= count ? true : undefined;
  });
}

/** Names of the pods that have running containers of an app on a host, by its engine. */
export async function runningOn(host: RigHost, app: string): Promise<string[]> {
  const { stdout } = await host.exec(['docker', 'ps', '--format', '{{.Names}}']);
  return stdout.split('\n').filter((name) => name.startsWith(`k8s_${app}_`)).map((name) => name.split('_')[2]!).toSorted();
}

/** The id and start of each container of an app on a host: the same again means that none was restarted. */
export async function containersOn(host: RigHost, app: string): Promise<string> {
  return host.check(['sh', '-c', `docker inspect --format '{{.Id}} {{.State.StartedAt}}' $(docker ps --quiet --filter name=k8s_${app}_) | sort`]);
}

/** Its pods stay ready on a machine that is short of time: what is not ready, the update has taken away. */
const rolling = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: rolling}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: rolling}}
  template:
    metadata: {labels: {app: rolling}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: rolling, image: 'web:1', readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 20}}]
`;

/** Of a Service's pods, in a rolling update under this fault. */
const LEAST_READY = 0.5;

/** An API server that is restarted every 10 s while a Deployment of so many pods is updated; it is healed when the update has come to its end, and throws when the most part of the pods was away at a time. */
export const rollingUpdate = (pods: number, lasts: number): Fault => ({
  name: `an API server restarted every 10 s during a rolling update of ${pods} pods`,
  promise: 'the update comes to its end, and most of the pods are ready all the time; clients see retries at most',
  writable: true,
  lasts,
  async inject(cluster) {
    await cluster.kubectl(['apply', '-f', '-'], rolling(pods));
    await updated(cluster, pods);
    const stop = await restartsOfServer(cluster);
    await cluster.kubectl(['set', 'env', 'deployment/rolling', 'ROUND=2']);
    const least = updated(cluster, pods);
    // Whether it fails is asked when the fault is healed.
    least.catch(() => undefined);
    return async () => {
      await stop();
      const seen = await least;
      await cluster.kubectl(['delete', 'deployment', 'rolling', '--wait=false']);
      await eventually('the pods are gone', 300_000, async () => ((await podsOf(cluster, 'rolling')).length === 0 ? true : undefined));
      if (seen < pods * LEAST_READY) throw new Error(`only ${seen} of ${pods} pods were ready at a moment of the update`);
    };
  },
});

/** Waits until the Deployment runs as its template says; resolves to the fewest pods that were ready meanwhile. */
async function updated(cluster: ChaosCluster, pods: number): Promise<number> {
  let least = pods;
  await eventually('the update is finished', 600_000, async () => {
    const ready = (await podsOf(cluster, 'rolling')).filter((pod) => pod.ready && !pod.terminating).length;
    least = Math.min(least, ready);
    return (await cluster.kubectl(['rollout', 'status', 'deployment/rolling', '--watch=false'])).includes('successfully rolled out') ? true : undefined;
  });
  return least;
}

import { createInterface } from 'node:readline';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { ConfigMaps, Pods, ReplicaSets } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';

/**
 * Runs in a host that reaches the cluster, from before a fault until it is over: `failoverProbe.ts`, with the way to the API servers as JSON on the first line of
 * standard input and a line for the moment at which the fault begins. Writes without a pause meanwhile; prints what came of it as JSON.
 */
export interface ProbeResult {
  /** The longest time between two writes that were acknowledged, in milliseconds; from before the fault. */
  readonly longestGap: number;
  /** From the fault until a pod that was created after it had a node, in milliseconds. */
  readonly pod: number;
  /** From the fault until the pod of a ReplicaSet that was created after it had a node, in milliseconds. */
  readonly replica: number;
}

const LIMIT_MILLISECONDS = 90_000;
const POLL_MILLISECONDS = 25;
const REQUEST_MILLISECONDS = 3000;
const NAMESPACE = 'default';
const now = (): number => performance.now();

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const config = JSON.parse(await line()) as ClientConfig;
const client = new RestClient(config, { component: 'failover', clock: systemClock });
const run = `failover-${Math.floor(now())}-${process.pid}`;
const template = { spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'web:1' }] } };

const writing = { on: true, last: 0, gap: 0, count: 0 };
const writes = write();
await until('the first writes are acknowledged', () => Promise.resolve(writing.count >= 5));
process.stdout.write('ready\n');
await line();
const began = now();
writing.gap = 0;
const [pod, replica] = await Promise.all([scheduledPod(), scheduledReplica()]);
writing.on = false;
await writes;
await insist(() => client.delete(ReplicaSets, run, NAMESPACE, { propagationPolicy: 'Background' }));
await insist(() => client.delete(Pods, run, NAMESPACE, { gracePeriodSeconds: 0 }));
process.stdout.write(`${JSON.stringify({ longestGap: writing.gap, pod, replica } satisfies ProbeResult)}\n`);
process.exit(0);

async function line(): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('standard input has ended');
  return value;
}

async function write(): Promise<void> {
  for (let at = 0; writing.on; at += 1) {
    const answered = await attempt(() => client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${run}-${at}`, namespace: NAMESPACE } }, NAMESPACE));
    if (answered) {
      if (writing.last > 0) writing.gap = Math.max(writing.gap, now() - writing.last);
      writing.last = now();
      writing.count += 1;
    }
    await systemClock.sleep(POLL_MILLISECONDS);
  }
}

async function scheduledPod(): Promise<number> {
  await insist(() => client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: run, namespace: NAMESPACE }, ...template }, NAMESPACE));
  await until('the pod has a node', async () => (await client.get(Pods, run, NAMESPACE)).spec?.nodeName !== undefined);
  return now() - began;
}

async function scheduledReplica(): Promise<number> {
  const labels = { app: run };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, ...template } };
  await insist(() => client.create(ReplicaSets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: run, namespace: NAMESPACE }, spec }, NAMESPACE));
  await until('the pod of the ReplicaSet has a node', async () => (await client.list(Pods, { namespace: NAMESPACE, labelSelector: `app=${run}` })).items.some(({ spec }) => spec?.nodeName !== undefined));
  return now() - began;
}

/** Whether it was done: during a fault an error is an answer like another. One that is done twice fails the second time, and is done. */
async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  const enough = new AbortController();
  const late = systemClock.sleep(REQUEST_MILLISECONDS, enough.signal).then(() => false, () => false);
  try {
    return await Promise.race([action().then(() => true, (error: unknown) => hasReason(error, 'AlreadyExists') || hasReason(error, 'NotFound')), late]);
  } finally {
    enough.abort();
  }
}

const hasReason = (error: unknown, reason: string): boolean => error instanceof Error && 'reason' in error && error.reason === reason;

async function insist(action: () => Promise<unknown>): Promise<void> {
  await until('the API takes a write', () => attempt(action));
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = now() + LIMIT_MILLISECONDS; ; await systemClock.sleep(POLL_MILLISECONDS)) {
    let so = false;
    await attempt(async () => {
      so = await isSo();
    });
    if (so) return;
    if (now() > end) throw new Error(`not within ${LIMIT_MILLISECONDS} ms: ${what}`);
  }
}

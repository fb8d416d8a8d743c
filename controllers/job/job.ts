import type { Draft } from '../../api/meta.ts';
import type { V1Job, V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { stableHash } from '../../api/values/stableHash.ts';
import { objectKey } from '../../client/objectKey.ts';
import { Jobs, Pods } from '../../client/resources.ts';
import { claimObjects } from '../claimObjects.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { ownedHandler, ownHandler } from '../ownerHandlers.ts';
import { CONTROLLER_UID_INDEX, controllerOf, controllerUidIndexer } from '../ownership.ts';
import { PodControl, podFromTemplate } from '../podControl.ts';
import { decideJob, type Creation } from './decideJob.ts';
import { failureAnnotations, limitsPerIndex } from './perIndex.ts';
import { INDEX_ANNOTATION, indexOf, isIndexed, isTracked, TRACKING_FINALIZER } from './podOutcome.ts';

/** At most this many pods are created in one round (Kubernetes' MaxPodCreateDeletePerSync). */
const BURST = 500;
/** Index of pods by the key of the Job that they name as their controller. */
const BY_JOB = 'job';
const MANAGED_BY_SELF = 'kubernetes.io/job-controller';

/** Runs pods until enough of them have succeeded. Key: the Job's. */
export const jobController: Controller = {
  name: 'job-controller',
  serviceAccount: 'job-controller',
  workers: 5,
  setup({ client, informers, recorder, clock }, queue) {
    const jobs = informers.informer(Jobs);
    const pods = informers.informer(Pods);
    const podControl = new PodControl(client, recorder);
    pods.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    pods.addIndex(BY_JOB, (pod) => (controllerOf(pod)?.kind === Jobs.kind ? [`${pod.metadata.namespace}/${controllerOf(pod)?.name}`] : []));
    jobs.addHandler({ ...ownHandler(queue), deleted: (job) => queue.add(objectKey(job)) });
    pods.addHandler(ownedHandler(queue, jobs, (job, pod) => matchesLabels(selectorOf(job.spec?.selector), pod.metadata.labels)));

    return async (key) => {
      const job = jobs.get(key);
      // Nobody counts the pods of a Job that is gone any more: held by the finalizer they would never go.
      await release(pods.byIndex(BY_JOB, key).filter((pod) => isTracked(pod) && controllerOf(pod)?.uid !== job?.metadata.uid));
      if (job === undefined) return undefined;
      if (job.spec?.managedBy !== undefined && job.spec.managedBy !== MANAGED_BY_SELF) return undefined;
      const selector = selectorOf(job.spec?.selector);
      const owned = await claimObjects(client, pods, job, (pod) => matchesLabels(selector, pod.metadata.labels));
      if (isFinished(job) || job.metadata.deletionTimestamp !== undefined) {
        await release(owned.filter(isTracked));
        return undefined;
      }
      const decision = decideJob(job, owned, clock.now());
      if (!deepEqual(decision.status, job.status ?? {})) {
        const written = await client.updateStatus(Jobs, { ...job, status: decision.status });
        for (const { type, reason, message } of decision.events) recorder.event(job, type, reason, message);
        await seen(jobs, [written]);
      }
      await release(decision.removeFinalizers);
      const deleted = await Promise.all(decision.delete.map((pod) => podControl.delete(job, pod)));
      await seen(pods, deleted.filter((pod) => pod !== undefined));
      await create({ ...job, status: decision.status }, owned, decision.create.slice(0, BURST));
      await release(decision.removeFinalizersLast);
      return decision.requeueAfterMilliseconds === undefined ? undefined : { requeueAfterMilliseconds: decision.requeueAfterMilliseconds };
    };

    async function release(tracked: readonly V1Pod[]): Promise<void> {
      const written = await Promise.all(
        tracked.map((pod) => {
          const finalizers = (pod.metadata.finalizers ?? []).filter((finalizer) => finalizer !== TRACKING_FINALIZER);
          const { uid, resourceVersion, name, namespace } = pod.metadata;
          return ignoreReasons(['NotFound', 'Conflict'], () => client.patch(Pods, name, namespace, 'application/merge-patch+json', { metadata: { uid, resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers } }));
        }),
      );
      const present = written.filter((pod) => pod !== undefined && pod.metadata.deletionTimestamp === undefined) as V1Pod[];
      await seen(pods, present);
    }

    async function create(job: V1Job, owned: readonly V1Pod[], creations: readonly Creation[]): Promise<void> {
      const created: V1Pod[] = [];
      for (let at = 0, batch = 1; at < creations.length; at += batch, batch *= 2) {
        const results = await Promise.allSettled(creations.slice(at, at + batch).map((creation) => ignoreReasons(['AlreadyExists'], () => podControl.create(job, jobPod(job, creation, owned)))));
        created.push(...results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : [])));
        const failed = results.find((result) => result.status === 'rejected');
        if (failed) {
          await seen(pods, created);
          throw failed.reason;
        }
      }
      await seen(pods, created);
    }
  },
};

function isFinished(job: V1Job): boolean {
  return (job.status?.conditions ?? []).some((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True');
}

/**
 * Two pods of one completion index would do harm, so such a pod's name follows from the index, the pods that it had so far and the failures
 * of the Job, which two controllers see alike; others get a random one.
 */
function jobPod(job: V1Job, { index, replaces }: Creation, owned: readonly V1Pod[]): Draft<V1Pod> {
  const template = job.spec!.template;
  const { name, uid } = job.metadata;
  const pod = podFromTemplate(job, template, index === undefined ? undefined : `${name}-${index}-${stableHash([uid, index, failuresOf(job), ...uidsOf(owned, index)]).slice(0, 5)}`);
  const metadata = { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER] };
  if (index === undefined || !isIndexed(job)) return { ...pod, metadata };
  return {
    ...pod,
    metadata: { ...metadata, labels: { ...metadata.labels, [INDEX_ANNOTATION]: String(index) }, annotations: { ...metadata.annotations, [INDEX_ANNOTATION]: String(index), ...(limitsPerIndex(job) ? failureAnnotations(job, replaces) : {}) } },
    spec: withIndex(pod.spec!, `${name}-${index}`),
  };
}

const failuresOf = ({ status }: V1Job): number => (status?.failed ?? 0) + (status?.uncountedTerminatedPods?.failed?.length ?? 0);
const uidsOf = (owned: readonly V1Pod[], index: number): string[] => owned.filter((pod) => indexOf(pod) === index).map(({ metadata }) => metadata.uid).sort();

function withIndex(spec: V1PodSpec, hostname: string): V1PodSpec {
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_ANNOTATION}']` } } };
  const add = <C extends { env?: { name: string }[] }>(container: C): C =>
    container.env?.some((each) => each.name === variable.name) ? container : { ...container, env: [...(container.env ?? []), variable] };
  return { ...spec, hostname: spec.hostname ?? hostname, containers: spec.containers.map(add), ...(spec.initContainers ? { initContainers: spec.initContainers.map(add) } : {}) };
}

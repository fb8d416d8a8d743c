import type { V1LabelSelector, V1Pod, V1PodDisruptionBudget, V1PodDisruptionBudgetStatus } from '../api/generated/types.ts';
import type { KubeObject } from '../api/meta.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { scaledValue } from '../api/values/intOrString.ts';
import { matchesLabels, selectorOf } from '../api/values/labelSelector.ts';
import { objectKey } from '../client/objectKey.ts';
import { Deployments, PodDisruptionBudgets, Pods, ReplicaSets, ReplicationControllers, StatefulSets } from '../client/resources.ts';
import { formatTime } from '../process/clock.ts';
import { type Controller, seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { controllerOf } from './ownership.ts';
import { isReady } from './podConditions.ts';

/** An eviction that was allowed but whose pod is still there after this time is forgotten, in milliseconds. */
const EVICTION_TIMEOUT = 120_000;

/** Counts how many pods of each PodDisruptionBudget may go; evictions are measured against it. Key: the budget's. */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  eventSource: 'controllermanager',
  serviceAccount: 'disruption-controller',
  workers: 2,
  setup({ client, informers, recorder, clock }, queue) {
    const budgets = informers.informer(PodDisruptionBudgets);
    const pods = informers.informer(Pods);
    const replicaSets = informers.informer(ReplicaSets);
    const scaled = { Deployment: informers.informer(Deployments), StatefulSet: informers.informer(StatefulSets), ReplicationController: informers.informer(ReplicationControllers) };
    const onPod = (pod: V1Pod): void => {
      for (const budget of budgets.inNamespace(pod.metadata.namespace)) if (matchesLabels(selectorOf(budget.spec?.selector), pod.metadata.labels)) queue.add(objectKey(budget));
    };
    const onOwner = (owner: KubeObject): void => {
      for (const budget of budgets.inNamespace(owner.metadata.namespace ?? '')) queue.add(objectKey(budget));
    };
    budgets.addHandler({ added: (budget) => queue.add(objectKey(budget)), updated: (_, budget) => queue.add(objectKey(budget)) });
    pods.addHandler({ added: onPod, updated: (_, pod) => onPod(pod), deleted: onPod });
    for (const informer of [replicaSets, ...Object.values(scaled)]) informer.addHandler({ updated: (previous, owner) => (previous.metadata.generation === owner.metadata.generation ? undefined : onOwner(owner)) });

    return async (key) => {
      const budget = budgets.get(key);
      if (budget === undefined) return undefined;
      const selector = selectorOf(budget.spec?.selector);
      const members = pods.inNamespace(budget.metadata.namespace).filter((pod) => matchesLabels(selector, pod.metadata.labels));
      const scales = members.map(scaleOf);
      if (members.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
      else if (needsScale(budget) && scales.includes(undefined)) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedPods(budget));
      const status = budgetStatus(budget, members, totalScale(scales), clock.now());
      if (!deepEqual(status, budget.status ?? {})) {
        const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(PodDisruptionBudgets, { ...budget, status }));
        if (written) await seen(budgets, [written]);
        else queue.add(key);
      }
      return Object.keys(status.disruptedPods ?? {}).length > 0 ? { requeueAfterMilliseconds: EVICTION_TIMEOUT } : undefined;
    };

    /** How many pods the pod's controller wants; undefined where no controller that can be scaled has made the pod. */
    function scaleOf(pod: V1Pod): Scale | undefined {
      const { namespace } = pod.metadata;
      let reference = controllerOf(pod);
      if (reference?.kind === 'ReplicaSet') {
        const set = replicaSets.get(`${namespace}/${reference.name}`);
        if (set === undefined) return undefined;
        const above = controllerOf(set);
        if (above?.kind !== 'Deployment') return { uid: set.metadata.uid, replicas: set.spec?.replicas ?? 1 };
        reference = above;
      }
      const owner = reference && scaled[reference.kind as keyof typeof scaled]?.get(`${namespace}/${reference.name}`);
      return owner && { uid: owner.metadata.uid, replicas: owner.spec?.replicas ?? 1 };
    }
  },
};

/** What a controller wants of its pods. */
interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

/** How many pods the controllers want in all. */
function totalScale(scales: readonly (Scale | undefined)[]): number {
  const sizes = new Map(scales.flatMap((scale) => (scale ? [[scale.uid, scale.replicas]] : [])));
  return [...sizes.values()].reduce((sum, replicas) => sum + replicas, 0);
}

/** Whether the budget counts from what controllers want, rather than from the pods that are there. */
const needsScale = ({ spec }: V1PodDisruptionBudget): boolean => spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';

const unmanagedPods = ({ spec }: V1PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${printSelector(spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

/** As Go prints the type, which the event's text has. */
function printSelector({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector = {}): string {
  const labels = Object.entries(matchLabels).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`);
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

/** `scale`: how many pods the controllers want. `now` is wall-clock milliseconds. */
export function budgetStatus(budget: V1PodDisruptionBudget, members: readonly V1Pod[], scale: number, now: number): V1PodDisruptionBudgetStatus {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const live = members.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
  const isCount = typeof minAvailable === 'number';
  const expectedPods = isCount ? live.length : scale;
  const desiredHealthy = maxUnavailable !== undefined ? Math.max(0, expectedPods - (scaledValue(maxUnavailable, expectedPods, true) ?? 0)) : isCount ? minAvailable : (scaledValue(minAvailable ?? 1, expectedPods, true) ?? 0);

  const present = new Map(live.map((pod) => [pod.metadata.name, pod]));
  const disruptedPods = Object.fromEntries(
    Object.entries(budget.status?.disruptedPods ?? {}).filter(([name, since]) => present.get(name)?.metadata.deletionTimestamp === undefined && present.has(name) && Date.parse(since) + EVICTION_TIMEOUT > now),
  );
  const currentHealthy = live.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined && !Object.hasOwn(disruptedPods, pod.metadata.name)).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const verdict = disruptionsAllowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' };
  const standing = budget.status?.conditions?.find((condition) => condition.type === 'DisruptionAllowed');
  const others = (budget.status?.conditions ?? []).filter((condition) => condition !== standing);
  const observedGeneration = budget.metadata.generation ?? 0;
  const lastTransitionTime = standing?.status === verdict.status ? standing.lastTransitionTime : formatTime(now);
  return {
    observedGeneration,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: [...others, { type: 'DisruptionAllowed', ...verdict, message: '', observedGeneration, lastTransitionTime }],
  };
}

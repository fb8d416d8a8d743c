import type { V1JobSpec } from '../../generated/types.ts';
import { semanticEqual } from '../../values/deepEqual.ts';

const MANY_COMPLETIONS = 100_000;
const MUCH_PARALLELISM = 10_000;

/** Of the spec of a Job or of a CronJob's template, when anything of the object changes (`WarningsForJobSpec`, without those of the pod template). `field` is the spec's path. */
export function jobSpecWarnings(object: { readonly spec?: object }, previous: { readonly spec?: object } | undefined, field: string, spec: V1JobSpec | undefined): string[] {
  if (previous && semanticEqual(object.spec, previous.spec)) return [];
  const isVast = spec?.completionMode === 'Indexed' && (spec.completions ?? 0) > MANY_COMPLETIONS && (spec.parallelism ?? 0) > MUCH_PARALLELISM;
  const message = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return isVast ? [`${field}: ${message}`] : [];
}

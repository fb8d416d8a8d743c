import type { V1Pod, V1Toleration } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

/** How long a pod stays on a node that fails unless it says otherwise, in seconds: Kubernetes' `--default-not-ready-toleration-seconds` and `--default-unreachable-toleration-seconds`. */
export interface TolerationTimes {
  readonly notReady: number;
  readonly unreachable: number;
}

export const DEFAULT_TOLERATION_TIMES: TolerationTimes = { notReady: 300, unreachable: 300 };

/** Gives pods some time on a node that fails. */
export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds';
  readonly #times: TolerationTimes;

  constructor(times: TolerationTimes = DEFAULT_TOLERATION_TIMES) {
    this.#times = times;
  }

  admit({ operation, definition, subresource, object }: AdmissionAttributes): Promise<void> {
    if (definition.group === '' && definition.plural === 'pods' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE') && object) addTolerations(object, this.#times);
    return Promise.resolve();
  }
}

export function addTolerations(pod: IncomingObject<V1Pod>, { notReady, unreachable }: TolerationTimes = DEFAULT_TOLERATION_TIMES): void {
  if (pod.spec === undefined) return;
  const present = pod.spec.tolerations ?? [];
  const wanted = Object.entries({ 'node.kubernetes.io/not-ready': notReady, 'node.kubernetes.io/unreachable': unreachable });
  const missing = wanted.filter(([key]) => !present.some((toleration) => covers(toleration, key)));
  if (missing.length > 0) pod.spec.tolerations = [...present, ...missing.map(([key, tolerationSeconds]) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }))];
}

function covers(toleration: V1Toleration, key: string): boolean {
  return (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute');
}

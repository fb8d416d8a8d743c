import type { V1Pod, V1Toleration } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

/** How long a pod stays on a node that is not ready or unreachable unless it says otherwise, in seconds. */
const TOLERATION_SECONDS = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Gives pods five minutes on a node that fails. */
export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds';

  admit({ operation, definition, subresource, object }: AdmissionAttributes): Promise<void> {
    if (definition.group === '' && definition.plural === 'pods' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE') && object) addTolerations(object);
    return Promise.resolve();
  }
}

export function addTolerations(pod: IncomingObject<V1Pod>): void {
  if (pod.spec === undefined) return;
  const present = pod.spec.tolerations ?? [];
  const missing = KEYS.filter((key) => !present.some((toleration) => covers(toleration, key)));
  if (missing.length > 0) pod.spec.tolerations = [...present, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS }))];
}

function covers(toleration: V1Toleration, key: string): boolean {
  return (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute');
}

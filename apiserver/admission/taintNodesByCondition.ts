import type { V1Node } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';

/** A new node takes no pods before it has said that it is ready. */
export class TaintNodesByCondition implements AdmissionPlugin {
  readonly name = 'TaintNodesByCondition';

  admit({ operation, definition, subresource, object }: AdmissionAttributes): Promise<void> {
    if (operation === 'CREATE' && definition.group === '' && definition.plural === 'nodes' && subresource === '' && object) {
      const node = object as IncomingObject<V1Node>;
      const taints = node.spec?.taints ?? [];
      if (!taints.some((taint) => taint.key === NOT_READY && taint.effect === 'NoSchedule')) node.spec = { ...node.spec, taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] };
    }
    return Promise.resolve();
  }
}

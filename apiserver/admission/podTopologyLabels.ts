import type { V1Binding, V1Pod } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { LABEL_REGION, LABEL_ZONE } from '../../api/wellKnown.ts';
import { objectKey, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const NODES = { group: '', resource: 'nodes' };

/** Pods bear the zone and the region of their node, so that they can learn them without asking for the Node, whatever was said of them before (KEP-4742). */
export class PodTopologyLabels implements AdmissionPlugin {
  readonly name = 'PodTopologyLabels';
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  async admit({ operation, definition, subresource, object }: AdmissionAttributes): Promise<void> {
    if (operation !== 'CREATE' || definition.group !== '' || definition.plural !== 'pods' || !object) return;
    const node = subresource === '' ? (object as IncomingObject<V1Pod>).spec?.nodeName : subresource === 'binding' ? boundNode(object as IncomingObject<V1Binding>) : undefined;
    if (!node) return;
    const labels = this.#cache.get(objectKey(NODES, '', node))?.object.metadata.labels;
    const copied = Object.entries(labels ?? {}).filter(([name]) => name === LABEL_ZONE || name === LABEL_REGION);
    if (copied.length > 0) object.metadata.labels = { ...object.metadata.labels, ...Object.fromEntries(copied) };
  }
}

const boundNode = ({ target }: IncomingObject<V1Binding>): string | undefined => (target.kind === 'Node' ? target.name : undefined);

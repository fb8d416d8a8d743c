import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { featuresToChange, missingFeatures } from '../../api/values/nodeFeatures.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import type { StoredObjects } from './storedObjects.ts';

const NODES = { group: '', resource: 'nodes' };

/** A pod is not changed in a way that its node, which may have an older kubelet, does not know. */
export class NodeDeclaredFeatureValidator implements AdmissionPlugin {
  readonly name = 'NodeDeclaredFeatureValidator';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, previous } = attributes;
    if (operation !== 'UPDATE' || definition.group !== '' || definition.plural !== 'pods' || (subresource !== '' && subresource !== 'resize')) return;
    const { spec } = attributes.object as IncomingObject<V1Pod>;
    const before = (previous as V1Pod).spec;
    if (!spec?.nodeName || !before) return;
    const needed = featuresToChange(spec, before);
    if (needed.length === 0) return;
    const node = JSON.stringify(spec.nodeName);
    const { why } = await this.#objects.judge(objectKey(NODES, '', spec.nodeName), (stored: V1Node | undefined) => {
      if (!stored) return `node ${node} not found`;
      const missing = missingFeatures(needed, stored.status?.declaredFeatures);
      return missing.length === 0 ? undefined : `pod update requires features ${missing.join(', ')} which are not available on node ${node}`;
    });
    if (why !== undefined) throw refusal(attributes, why);
  }
}

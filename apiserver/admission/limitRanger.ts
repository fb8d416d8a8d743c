import type { V1LimitRange, V1PersistentVolumeClaim, V1Pod } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { resourcePrefix, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { claimFaults, podFaults, setDefaults } from './limitRanges.ts';
import { refusal } from './refusal.ts';

/** Fills in a namespace's default requests and limits, and refuses what is outside its ranges. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  admit(attributes: AdmissionAttributes): Promise<void> {
    if (kindOf(attributes) === 'pod' && attributes.previous?.metadata.deletionTimestamp === undefined) {
      for (const range of this.#ranges(attributes.namespace)) setDefaults(attributes.object as IncomingObject<V1Pod>, range);
    }
    return Promise.resolve();
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const kind = kindOf(attributes);
    // What is going is left alone.
    if (kind === undefined || attributes.previous?.metadata.deletionTimestamp !== undefined) return;
    for (const range of this.#ranges(attributes.namespace)) {
      const faults = [...new Set(faultsOf(kind, attributes, range))];
      if (faults.length > 0) throw refusal(attributes, faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`);
    }
  }

  #ranges(namespace: string): readonly V1LimitRange[] {
    return namespace === '' ? [] : this.#cache.list(resourcePrefix({ group: '', resource: 'limitranges' }, namespace)).map((stored) => stored.object as V1LimitRange);
  }
}

/** A pod's resources change only by a resize; what was there before the range may still be labelled, and let go. */
function kindOf({ operation, definition, subresource, object }: AdmissionAttributes): 'pod' | 'claim' | undefined {
  if (definition.group !== '' || object === undefined) return undefined;
  if (definition.plural === 'pods') return (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && subresource === 'resize') ? 'pod' : undefined;
  return definition.plural === 'persistentvolumeclaims' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE') ? 'claim' : undefined;
}

function faultsOf(kind: 'pod' | 'claim', { object }: AdmissionAttributes, range: V1LimitRange): readonly string[] {
  if (kind === 'claim') return claimFaults(object as IncomingObject<V1PersistentVolumeClaim>, range);
  const { spec } = object as IncomingObject<V1Pod>;
  return spec === undefined ? [] : podFaults(spec, range);
}

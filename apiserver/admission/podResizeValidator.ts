import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { podRequests } from '../../api/values/podResources.ts';
import { milliValue, quantityOrZero, quantityValue, ZERO_QUANTITY } from '../../api/values/quantity.ts';
import { LABEL_OS } from '../../api/wellKnown.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import type { StoredObjects } from './storedObjects.ts';

const NODES = { group: '', resource: 'nodes' };

/** A pod that runs cannot grow beyond what its node has. */
export class PodResizeValidator implements AdmissionPlugin {
  readonly name = 'PodResizeValidator';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, previous } = attributes;
    if (operation !== 'UPDATE' || definition.group !== '' || definition.plural !== 'pods' || subresource !== 'resize') return;
    const { spec } = attributes.object as IncomingObject<V1Pod>;
    if (!spec?.nodeName || semanticEqual(spec, (previous as V1Pod).spec)) return;
    const { nodeName } = spec;
    const { why } = await this.#objects.judge(objectKey(NODES, '', nodeName), (node: V1Node | undefined) => (node ? whyNotResize(spec, node) : `node ${JSON.stringify(nodeName)} not found`));
    if (why !== undefined) throw refusal(attributes, why);
  }
}

/** CPU in thousandths, memory in bytes. */
export function whyNotResize(spec: NonNullable<V1Pod['spec']>, { metadata, status }: V1Node): string | undefined {
  const requests = podRequests(spec);
  const amounts = [
    { name: 'cpu', of: milliValue },
    { name: 'memory', of: quantityValue },
  ].map(({ name, of }) => ({ name, requested: of(requests.get(name) ?? ZERO_QUANTITY), allocatable: of(quantityOrZero(status?.allocatable?.[name])) }));
  const over = amounts.filter(({ requested, allocatable }) => requested > allocatable).map(({ name, requested, allocatable }) => `${name}, requested: ${requested}, allocatable: ${allocatable}`);
  if (over.length > 0) return `Node didn't have enough allocatable resources: ${over.join('; ')}`;
  const system = metadata.labels?.[LABEL_OS] ?? '';
  return system === 'linux' ? undefined : `pod resize is only supported on linux nodes, node ${JSON.stringify(metadata.name)} is ${JSON.stringify(system)}`;
}

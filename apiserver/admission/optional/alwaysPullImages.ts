import { notSupported } from '../../../api/fieldError.ts';
import type { V1Container, V1Pod } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { refusal } from '../refusal.ts';

/** Every pod pulls its images anew, so that nobody uses a private image without the right to, just because a node has it. */
export class AlwaysPullImages implements AdmissionPlugin {
  readonly name = 'AlwaysPullImages';

  async admit(attributes: AdmissionAttributes): Promise<void> {
    for (const container of containersOf(attributes)) container.imagePullPolicy = 'Always';
    for (const { image } of imageVolumes(attributes)) if (image) image.pullPolicy = 'Always';
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { spec } = attributes.object as IncomingObject<V1Pod>;
    for (const container of containersOf(attributes)) {
      if (container.imagePullPolicy === 'Always') continue;
      const list = spec?.initContainers?.includes(container) ? 'initContainers' : 'containers';
      const { field, message } = notSupported(`spec.${list}[${spec?.[list]?.indexOf(container)}].imagePullPolicy`, container.imagePullPolicy ?? '', ['Always']);
      throw refusal(attributes, `${field}: ${message}`);
    }
  }
}

/** The containers of a pod that is new, or has other images than before. */
function containersOf(attributes: AdmissionAttributes): readonly V1Container[] {
  const { previous, object } = attributes;
  if (!isPod(attributes)) return [];
  const all = (pod: IncomingObject<V1Pod> | V1Pod): readonly V1Container[] => [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const known = new Set(previous ? all(previous as V1Pod).map(({ image }) => image) : []);
  const containers = all(object as IncomingObject<V1Pod>);
  return previous && containers.every(({ image }) => known.has(image)) ? [] : containers;
}

const imageVolumes = (attributes: AdmissionAttributes) => (isPod(attributes) && attributes.operation === 'CREATE' ? ((attributes.object as IncomingObject<V1Pod>).spec?.volumes ?? []) : []);

const isPod = ({ operation, definition, subresource }: AdmissionAttributes): boolean =>
  (operation === 'CREATE' || operation === 'UPDATE') && definition.group === '' && definition.plural === 'pods' && subresource === '';

import type { V1Pod, V1PodSpec } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import { LABEL_HOSTNAME } from '../../../api/wellKnown.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { refusal } from '../refusal.ts';

function podSpec({ operation, definition, subresource, object }: AdmissionAttributes): V1PodSpec | undefined {
  return (operation === 'CREATE' || operation === 'UPDATE') && definition.group === '' && definition.plural === 'pods' && subresource === '' ? (object as IncomingObject<V1Pod>).spec : undefined;
}

/** Nobody keeps other pods off a whole zone: what pods insist on avoiding are hosts. */
export class LimitPodHardAntiAffinityTopology implements AdmissionPlugin {
  readonly name = 'LimitPodHardAntiAffinityTopology';

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const terms = podSpec(attributes)?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wide = terms.find(({ topologyKey }) => topologyKey !== LABEL_HOSTNAME);
    if (wide) throw refusal(attributes, `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wide.topologyKey} but only key ${LABEL_HOSTNAME} is allowed`);
  }
}

/** Pods that ask for a special resource bear the taint of the nodes that have it, which is called the same. */
export class ExtendedResourceToleration implements AdmissionPlugin {
  readonly name = 'ExtendedResourceToleration';

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const spec = podSpec(attributes);
    if (!spec) return;
    const asked = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    const special = [...new Set(asked)].filter((name) => name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.')).sort();
    const present = spec.tolerations ?? [];
    const missing = special.filter((key) => !present.some((each) => each.key === key && each.operator === 'Exists' && each.effect === 'NoSchedule'));
    if (missing.length > 0) spec.tolerations = [...present, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }))];
  }
}

import type { V1Pod, V1Probe } from '../../api/generated/types.ts';
import { containersOf, isSidecar, type SpecContainer } from '../podContainers.ts';
import { ContainerProbe, type ContainerProbeParts } from './containerProbe.ts';
import type { ProbeType } from './probeState.ts';
import type { ProbeManager, ProbeResults } from './types.ts';

const TYPES: readonly ProbeType[] = ['startup', 'readiness', 'liveness'];

export interface PodProbesOptions extends Omit<ContainerProbeParts, 'changed'> {
  /** A result of this pod's probes is another one than before. */
  readonly changed: (podUid: string) => void;
}

/** The probes of all pods of this node. */
export class PodProbes implements ProbeManager {
  readonly #options: PodProbesOptions;
  /** By pod uid, then by container and type. */
  readonly #pods = new Map<string, Map<string, ContainerProbe>>();
  /** Pods that are going: only their readiness is of interest. */
  readonly #ending = new Set<string>();

  constructor(options: PodProbesOptions) {
    this.#options = options;
  }

  ensurePod(pod: V1Pod): void {
    const { uid } = pod.metadata;
    for (const spec of containersOf(pod)) {
      if (spec.kind === 'ephemeral' || (spec.kind === 'init' && !isSidecar(spec.container))) continue;
      for (const type of TYPES) {
        const probe = probeOf(spec, type);
        if (!probe || (type !== 'readiness' && this.#ending.has(uid))) continue;
        const statuses = spec.kind === 'init' ? pod.status?.initContainerStatuses : pod.status?.containerStatuses;
        this.#probe(pod, spec, type, probe).update(pod, spec, probe, statuses?.find(({ name }) => name === spec.container.name));
      }
    }
  }

  stopLivenessAndStartup(podUid: string): void {
    this.#ending.add(podUid);
    for (const [key, probe] of this.#pods.get(podUid) ?? []) if (!key.endsWith('/readiness')) probe.stop();
  }

  removePod(podUid: string): void {
    for (const probe of this.#pods.get(podUid)?.values() ?? []) probe.stop();
    this.#pods.delete(podUid);
    this.#ending.delete(podUid);
  }

  results(podUid: string, containerName: string, containerId: string): ProbeResults {
    const ofPod = this.#pods.get(podUid);
    const results: { -readonly [type in keyof ProbeResults]: ProbeResults[type] } = {};
    for (const type of TYPES) {
      const result = ofPod?.get(`${containerName}/${type}`)?.stateOf(containerId)?.result;
      if (result) results[type] = result;
    }
    return results;
  }

  /** Ends every probe. */
  stop(): void {
    for (const uid of this.#pods.keys()) this.removePod(uid);
  }

  #probe(pod: V1Pod, spec: SpecContainer, type: ProbeType, probe: V1Probe): ContainerProbe {
    const { uid } = pod.metadata;
    const ofPod = this.#pods.get(uid) ?? new Map<string, ContainerProbe>();
    this.#pods.set(uid, ofPod);
    const key = `${spec.container.name}/${type}`;
    const known = ofPod.get(key);
    if (known) return known;
    const made = new ContainerProbe(type, pod, spec, probe, { ...this.#options, changed: () => this.#options.changed(uid) });
    ofPod.set(key, made);
    return made;
  }
}

function probeOf({ container }: SpecContainer, type: ProbeType): V1Probe | undefined {
  return type === 'liveness' ? container.livenessProbe : type === 'readiness' ? container.readinessProbe : container.startupProbe;
}

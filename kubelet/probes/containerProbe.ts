import type { V1ContainerStatus, V1Pod, V1Probe } from '../../api/generated/types.ts';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { SpecContainer } from '../podContainers.ts';
import type { PodEvents } from '../podEvents.ts';
import type { ProbeAttempt } from './networkProbes.ts';
import type { Prober } from './prober.ts';
import { afterOutcome, appliesTo, firstDelay, periodOf, type ProbeState, type ProbeType, UNPROBED } from './probeState.ts';

export interface ContainerProbeParts {
  readonly prober: Prober;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The result is another one than before. */
  readonly changed: () => void;
}

const TITLES: Readonly<Record<ProbeType, string>> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' };

/** One probe of one container of a pod, through all runs of the container. */
export class ContainerProbe {
  readonly #type: ProbeType;
  readonly #parts: ContainerProbeParts;
  #pod: V1Pod;
  #spec: SpecContainer;
  #probe: V1Probe;
  /** The run of the container that `#state` is about; '' where none runs. */
  #containerId = '';
  #state: ProbeState = UNPROBED;
  #timer: Timer | undefined;
  /** An attempt is under way. */
  #busy = false;
  #stopped = false;

  constructor(type: ProbeType, pod: V1Pod, spec: SpecContainer, probe: V1Probe, parts: ContainerProbeParts) {
    this.#type = type;
    this.#pod = pod;
    this.#spec = spec;
    this.#probe = probe;
    this.#parts = parts;
  }

  /** The state of this very run of the container; undefined for another one. */
  stateOf(containerId: string): ProbeState | undefined {
    return containerId === this.#containerId ? this.#state : undefined;
  }

  /** The pod's newest version and status; begins, goes on or pauses. */
  update(pod: V1Pod, spec: SpecContainer, probe: V1Probe, status: V1ContainerStatus | undefined): void {
    this.#pod = pod;
    this.#spec = spec;
    this.#probe = probe;
    const running = status?.state?.running;
    const id = running ? withoutRuntime(status?.containerID ?? '') : '';
    if (id !== this.#containerId) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#containerId = id;
      this.#state = UNPROBED;
    }
    if (id === '' || this.#stopped || this.#timer || this.#busy || this.#state.onHold || !appliesTo(this.#type, status?.started ?? false)) return;
    if (this.#type === 'startup' && this.#state.result === 'Success') return;
    const startedAt = Date.parse(running?.startedAt ?? '') || this.#parts.clock.now();
    this.#after(startedAt + firstDelay(this.#type, probe) - this.#parts.clock.now());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #after(milliseconds: number): void {
    this.#timer = this.#parts.clock.setTimeout(() => void this.#attempt(), Math.max(0, milliseconds));
  }

  async #attempt(): Promise<void> {
    const { prober, clock } = this.#parts;
    const id = this.#containerId;
    const began = clock.monotonic();
    this.#timer = undefined;
    this.#busy = true;
    const attempt = await prober(this.#probe, { pod: this.#pod, container: this.#spec.container, containerId: id });
    this.#busy = false;
    if (this.#stopped) return;
    // The container ended meanwhile; its next run begins anew, as soon as the pod's worker tells of it.
    if (id !== this.#containerId) return this.#parts.changed();
    this.#tell(attempt);
    const before = this.#state.result;
    this.#state = afterOutcome(this.#state, attempt.outcome, this.#type, this.#probe);
    const started = this.#type === 'startup' && this.#state.result === 'Success';
    if (!this.#state.onHold && !started) this.#after(began + periodOf(this.#probe) - clock.monotonic());
    if (this.#state.result !== before) this.#parts.changed();
  }

  #tell({ outcome, output, warning }: ProbeAttempt): void {
    const { events, logger } = this.#parts;
    const title = `${TITLES[this.#type]} probe`;
    if (outcome === 'failure') events.container(this.#pod, this.#spec, 'Warning', 'Unhealthy', `${title} failed: ${output}`);
    if (warning) events.container(this.#pod, this.#spec, 'Warning', 'ProbeWarning', `${title} warning: ${output}`);
    if (outcome !== 'unknown') return;
    logger.warn('a probe could not be made', { pod: this.#pod.metadata.name, namespace: this.#pod.metadata.namespace, container: this.#spec.container.name, probe: this.#type, why: output });
    events.container(this.#pod, this.#spec, 'Warning', 'Unhealthy', `${title} errored and resulted in unknown state: ${output}`);
  }
}

/** `docker://<id>` without its scheme. */
function withoutRuntime(containerId: string): string {
  return containerId.replace(/^[^:]+:\/\//, '');
}

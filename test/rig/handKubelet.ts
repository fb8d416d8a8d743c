import type { ApiError } from '../../api/apiError.ts';
import type { V1Pod } from '../../api/generated/types.ts';
import { formatTime, systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { Nodes, Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';

const NODE_ADDRESS = '10.0.0.1';
/** Of a pod that has gone, or that another one of its name has followed. */
const GONE = ['NotFound', 'Conflict', 'Invalid'];
const RETRY_MILLISECONDS = 200;

/** What becomes of a pod that a HandKubelet sees for the first time. */
export type PodOutcome = 'waits' | 'runs' | 'succeeds' | 'fails';

/** Of the first container's image: `bad…` waits for ever, `done…` succeeds at once, `fails…` fails; any other runs. */
export function outcomeOfImage(pod: V1Pod): PodOutcome {
  const image = pod.spec?.containers[0]?.image ?? '';
  return image.startsWith('bad') ? 'waits' : image.startsWith('done') ? 'succeeds' : image.startsWith('fails') ? 'fails' : 'runs';
}

/**
 * Plays the kubelets of nodes that do not exist: pods that have a node become Running and Ready, or what `outcome` says; running ones that are
 * deleted fail, as those do whose processes were killed, and go.
 */
export class HandKubelet {
  readonly #client: KubeClient;
  readonly #stop = new AbortController();
  readonly #informers: InformerFactoryImpl;
  readonly #pending = new Set<Promise<void>>();
  /** By uid, the pods that were begun, each once, whatever else changes of them meanwhile; and those that are being ended. */
  readonly #begun = new Set<string>();
  readonly #ending = new Set<string>();
  readonly #outcome: (pod: V1Pod) => PodOutcome;
  readonly #plays: (nodeName: string) => boolean;
  #address = 1;

  /** `plays`: the nodes whose pods are its own. */
  constructor(client: KubeClient, outcome: (pod: V1Pod) => PodOutcome = outcomeOfImage, plays: (nodeName: string) => boolean = () => true) {
    this.#client = client;
    this.#outcome = outcome;
    this.#plays = plays;
    this.#informers = new InformerFactoryImpl({ client, clock: systemClock, logger: silentLogger });
    this.#informers.informer(Pods).addHandler({ added: (pod) => this.#see(pod), updated: (_, pod) => this.#see(pod) });
    this.#informers.start(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#pending);
    await this.#informers.ended();
  }

  #see(pod: V1Pod): void {
    if (!pod.spec?.nodeName || !this.#plays(pod.spec.nodeName)) return;
    const { deletionTimestamp, name, namespace, uid } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      if (this.#ending.has(uid)) return;
      this.#ending.add(uid);
      this.#do(() => this.#end(pod));
    } else if (pod.status?.phase === 'Pending' && pod.status.podIP === undefined && !this.#begun.has(uid)) {
      const status = this.#statusOf(pod);
      if (!status) return;
      this.#begun.add(uid);
      this.#do(() => this.#client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, status }, 'status'));
    }
  }

  async #end(pod: V1Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    if (pod.status?.phase === 'Running') {
      const containerStatuses = pod.status.containerStatuses?.map((each) => ({ ...each, ready: false, started: false, state: { terminated: { exitCode: 137, reason: 'Error' } } }));
      await this.#client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, status: { phase: 'Failed', containerStatuses } }, 'status');
    }
    await this.#client.delete(Pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } });
  }

  #statusOf(pod: V1Pod): V1Pod['status'] {
    const outcome = this.#outcome(pod);
    if (outcome === 'waits') return undefined;
    const now = formatTime(systemClock.now());
    const phase = outcome === 'succeeds' ? 'Succeeded' : outcome === 'fails' ? 'Failed' : 'Running';
    const ready = phase === 'Running';
    const ended = { exitCode: phase === 'Failed' ? 1 : 0, reason: phase === 'Failed' ? 'Error' : 'Completed', startedAt: now, finishedAt: now };
    this.#address += 1;
    const podIP = `10.244.${Math.floor(this.#address / 250)}.${this.#address % 250}`;
    return {
      phase,
      podIP,
      podIPs: [{ ip: podIP }],
      hostIP: NODE_ADDRESS,
      hostIPs: [{ ip: NODE_ADDRESS }],
      observedGeneration: pod.metadata.generation ?? 1,
      startTime: now,
      conditions: ['Initialized', 'Ready', 'ContainersReady'].map((type) => ({ type, status: ready || type === 'Initialized' ? 'True' : 'False', lastTransitionTime: now })),
      containerStatuses: (pod.spec?.containers ?? []).map(({ name, image: own = '', resources = {} }) => ({
        name,
        image: own,
        imageID: '',
        ready,
        started: ready,
        restartCount: 0,
        resources,
        state: ready ? { running: { startedAt: now } } : { terminated: ended },
      })),
    };
  }

  /** Again and again until it is done. The pod may be gone by then, which is as well. */
  #do(act: () => Promise<unknown>): void {
    const work = (async () => {
      while (!this.#stop.signal.aborted) {
        try {
          await act();
          return;
        } catch (error) {
          if (GONE.includes((error as ApiError).reason)) return;
          await systemClock.sleep(RETRY_MILLISECONDS, this.#stop.signal);
        }
      }
    })();
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }
}

/** Makes Nodes that are Ready and have room for 4 CPUs. */
export async function addNodes(client: KubeClient, names: readonly string[]): Promise<void> {
  const room = { cpu: '4', memory: '8Gi', pods: '110' };
  const now = formatTime(systemClock.now());
  for (const name of names) {
    await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } } });
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: now, lastTransitionTime: now };
    // A patch: the control loops write to the node as soon as it is there.
    const status = { capacity: room, allocatable: room, conditions: [ready], addresses: [{ type: 'InternalIP', address: NODE_ADDRESS }] };
    await client.patch(Nodes, name, undefined, 'application/strategic-merge-patch+json', { status }, 'status');
  }
}

import type { V1Pod } from '../../api/generated/types.ts';
import { formatTime, systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { Nodes, Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';

/**
 * Plays the kubelets of nodes that do not exist: pods that have a node become Running and Ready, deleted ones go. An image decides otherwise:
 * `bad…` waits for ever, `done…` succeeds at once, `fails…` fails.
 */
export class HandKubelet {
  readonly #client: KubeClient;
  readonly #stop = new AbortController();
  readonly #informers: InformerFactoryImpl;
  readonly #pending = new Set<Promise<void>>();
  #address = 1;

  constructor(client: KubeClient) {
    this.#client = client;
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
    if (!pod.spec?.nodeName) return;
    const { deletionTimestamp, name, namespace } = pod.metadata;
    if (deletionTimestamp !== undefined) this.#do(() => this.#client.delete(Pods, name, namespace, { gracePeriodSeconds: 0 }));
    else if (pod.status?.phase === 'Pending' && pod.status.podIP === undefined) {
      const status = this.#statusOf(pod);
      if (status) this.#do(() => this.#client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { status }, 'status'));
    }
  }

  #statusOf(pod: V1Pod): V1Pod['status'] {
    const image = pod.spec?.containers[0]?.image ?? '';
    if (image.startsWith('bad')) return undefined;
    const now = formatTime(systemClock.now());
    const phase = image.startsWith('done') ? 'Succeeded' : image.startsWith('fails') ? 'Failed' : 'Running';
    const ready = phase === 'Running';
    const ended = { exitCode: phase === 'Failed' ? 1 : 0, reason: phase === 'Failed' ? 'Error' : 'Completed', startedAt: now, finishedAt: now };
    const podIP = `10.244.0.${(this.#address += 1)}`;
    return {
      phase,
      podIP,
      podIPs: [{ ip: podIP }],
      startTime: now,
      conditions: ['Initialized', 'Ready', 'ContainersReady'].map((type) => ({ type, status: ready || type === 'Initialized' ? 'True' : 'False', lastTransitionTime: now })),
      containerStatuses: (pod.spec?.containers ?? []).map(({ name, image: own = '' }) => ({
        name,
        image: own,
        imageID: '',
        ready,
        started: ready,
        restartCount: 0,
        state: ready ? { running: { startedAt: now } } : { terminated: ended },
      })),
    };
  }

  /** The pod may be gone by then, which is as well. */
  #do(act: () => Promise<unknown>): void {
    const work = act().then(
      () => undefined,
      () => undefined,
    );
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }
}

/** Makes Nodes that are Ready and have room for 4 CPUs. */
export async function addNodes(client: KubeClient, names: readonly string[]): Promise<void> {
  const room = { cpu: '4', memory: '8Gi', pods: '110' };
  const now = formatTime(systemClock.now());
  for (const name of names) {
    await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } } });
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: now, lastTransitionTime: now };
    // A patch: the control loops write to the node as soon as it is there.
    const status = { capacity: room, allocatable: room, conditions: [ready], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] };
    await client.patch(Nodes, name, undefined, 'application/strategic-merge-patch+json', { status }, 'status');
  }
}

import type { Container, ContainerConfig, ContainerStats, PodIdentity, RuntimePod, Sandbox } from '../types.ts';
import { containerOptions } from './containerOptions.ts';
import { asked, type Engine, ifFound } from './engine.ts';
import { containerOf, imageIdOf, sandboxOf } from './engineStatus.ts';
import { engineName, LABEL_TYPE, ownerFilter, podOfLabels, TYPE_SANDBOX } from './labels.ts';
import { createAfresh } from './sandboxes.ts';

/** Creates the container; the image is there already. */
export async function createContainer(engine: Engine, sandboxId: string, config: ContainerConfig): Promise<string> {
  const needsImageUser = config.security.runAsGroup !== undefined && config.security.runAsUser === undefined;
  const imageUser = needsImageUser ? ((await asked(engine.docker.getImage(config.image).inspect())).Config.User ?? '') : '';
  const options = containerOptions(sandboxId, config, imageUser, engine.context);
  const created = await createAfresh(engine, engineName(config.name, config.pod, config.attempt), () => engine.docker.createContainer(options));
  return created.id;
}

/** Reads pods from the engine. What has exited never changes again, so that it is inspected once. */
export class PodReader {
  readonly #engine: Engine;
  readonly #exited = new Map<string, Container>();
  readonly #imageIds = new Map<string, string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async list(podUid?: string): Promise<readonly RuntimePod[]> {
    const found = await asked(this.#engine.docker.listContainers({ all: true, filters: { label: ownerFilter(this.#engine.context.owner, podUid) } }));
    const pods = new Map<string, { readonly pod: PodIdentity; readonly sandboxes: Sandbox[]; readonly containers: Container[] }>();
    await Promise.all(
      found.map(async (each) => {
        const identity = podOfLabels(each.Labels);
        const pod = pods.get(identity.uid) ?? { pod: identity, sandboxes: [], containers: [] };
        pods.set(identity.uid, pod);
        if (each.Labels[LABEL_TYPE] === TYPE_SANDBOX) {
          const info = await ifFound(this.#engine.docker.getContainer(each.Id).inspect());
          if (info) pod.sandboxes.push(sandboxOf(info));
          return;
        }
        const container = each.State === 'exited' ? (this.#exited.get(each.Id) ?? (await this.#inspect(each.Id))) : await this.#inspect(each.Id);
        if (container) pod.containers.push(container);
      }),
    );
    if (podUid === undefined) this.#forget(new Set(found.map((each) => each.Id)));
    for (const pod of pods.values()) {
      pod.sandboxes.sort(newestFirst);
      pod.containers.sort(newestFirst);
    }
    return [...pods.values()];
  }

  async fingerprints(): Promise<ReadonlyMap<string, string>> {
    const found = await asked(this.#engine.docker.listContainers({ all: true, filters: { label: ownerFilter(this.#engine.context.owner) } }));
    const parts = Map.groupBy(found, (each) => podOfLabels(each.Labels).uid);
    return new Map([...parts].map(([uid, containers]) => [uid, containers.map((each) => `${each.Id}=${each.State}`).sort().join(' ')]));
  }

  async #inspect(id: string): Promise<Container | undefined> {
    const info = await ifFound(this.#engine.docker.getContainer(id).inspect());
    if (!info) return undefined;
    const container = { ...containerOf(info), imageId: await this.#imageId(info.Image) };
    if (container.state === 'Exited' && info.State.Status === 'exited') this.#exited.set(id, container);
    return container;
  }

  async #imageId(id: string): Promise<string> {
    const known = this.#imageIds.get(id);
    if (known !== undefined) return known;
    const image = await ifFound(this.#engine.docker.getImage(id).inspect());
    const imageId = image ? imageIdOf(image) : `docker://${id}`;
    this.#imageIds.set(id, imageId);
    return imageId;
  }

  #forget(existing: ReadonlySet<string>): void {
    for (const id of this.#exited.keys()) if (!existing.has(id)) this.#exited.delete(id);
  }
}

function newestFirst(a: Sandbox | Container, b: Sandbox | Container): number {
  return b.createdAt - a.createdAt || b.attempt - a.attempt;
}

/** One reading, without the engine's second of waiting for a difference. */
export async function containerStats(engine: Engine, id: string): Promise<ContainerStats> {
  const stats = await asked(engine.docker.getContainer(id).stats({ stream: false, 'one-shot': true }));
  const detail = stats.memory_stats.stats as unknown as Readonly<Record<string, number>> | undefined;
  const usage = stats.memory_stats.usage ?? 0;
  const inactive = detail?.['total_inactive_file'] ?? detail?.['inactive_file'] ?? 0;
  return {
    containerId: id,
    at: Date.parse(stats.read),
    cpuNanoseconds: stats.cpu_stats.cpu_usage?.total_usage ?? 0,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - inactive),
    memoryRssBytes: detail?.['total_rss'] ?? detail?.['anon'] ?? 0,
    processes: stats.pids_stats?.current ?? 0,
  };
}

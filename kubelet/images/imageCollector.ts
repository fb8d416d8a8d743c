import type { V1Pod } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { containersOf } from '../podContainers.ts';
import type { Container, ContainerRuntime, RuntimeImage } from '../runtime/types.ts';
import { bytesToFree, type DiskUsage, type ImagePolicy, imagesToCollect } from './imageCollection.ts';
import { withDefaultTag } from './imageReference.ts';
import type { PulledImages } from './pulledImages.ts';

export interface ImageCollectorOptions {
  readonly runtime: ContainerRuntime;
  readonly pulled: PulledImages;
  /** Of the file system that holds the images. */
  readonly disk: () => Promise<DiskUsage>;
  /** The pods of this node that go on; their images are needed even while no container is there. */
  readonly pods: () => readonly V1Pod[];
  readonly policy: ImagePolicy;
  /** Tells of a disk that cannot be made as empty as it should be. */
  readonly failed: (reason: string, message: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Seen {
  readonly firstSeen: number;
  lastUsed: number;
}

/** Removes images that no container uses when the disk gets full; only those that this kubelet has pulled. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  readonly #seen = new Map<string, Seen>();
  #started = false;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
  }

  /** One look at the disk. */
  async collect(): Promise<void> {
    const { policy, failed, disk } = this.#options;
    const unused = await this.#unused();
    const usage = await disk();
    const wanted = bytesToFree(usage, policy);
    if (wanted === 0) return;
    const freed = await this.#free(unused, wanted);
    if (freed >= wanted) return;
    failed('FreeDiskSpaceFailed', `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`);
  }

  /** Removes every unused image that is old enough, as eviction asks for. */
  async collectAll(): Promise<void> {
    await this.#free(await this.#unused(), Infinity);
  }

  async #free(unused: readonly RuntimeImage[], bytes: number): Promise<number> {
    const { runtime, pulled, policy, clock, logger } = this.#options;
    const candidates = unused.map(({ id, size }) => ({ id, size, ...(this.#seen.get(id) ?? { firstSeen: 0, lastUsed: 0 }) }));
    let freed = 0;
    for (const { id, size } of imagesToCollect(candidates, bytes, policy, clock.now())) {
      try {
        await runtime.removeImage(id);
        await pulled.remove(id);
        this.#seen.delete(id);
        freed += size;
        logger.info('removed an image to free its bytes', { image: id, size });
      } catch (error) {
        // A container of somebody else may have it.
        logger.warn('an image could not be removed', { image: id, error });
      }
    }
    return freed;
  }

  /** The images of ours that nothing uses now; notes when each was seen and used. */
  async #unused(): Promise<readonly RuntimeImage[]> {
    const { runtime, pulled, pods, clock } = this.#options;
    const [images, running] = await Promise.all([runtime.listImages(), runtime.listPods()]);
    const containers = running.flatMap((pod) => pod.containers);
    const wanted = new Set(pods().flatMap((pod) => containersOf(pod).map(({ container }) => withDefaultTag(container.image ?? '') ?? '')));
    const there = new Set(images.map(({ id }) => id));
    for (const id of pulled.ids()) if (!there.has(id)) await pulled.remove(id);
    for (const id of this.#seen.keys()) if (!there.has(id)) this.#seen.delete(id);
    const unused: RuntimeImage[] = [];
    for (const image of images) {
      const seen = this.#seen.get(image.id) ?? { firstSeen: this.#started ? clock.now() : 0, lastUsed: 0 };
      this.#seen.set(image.id, seen);
      if (containers.some((container) => isOf(container, image)) || [...image.tags, ...image.digests].some((name) => wanted.has(name))) seen.lastUsed = clock.now();
      else if (isOurs(image, pulled)) unused.push(image);
    }
    this.#started = true;
    return unused;
  }
}

function isOf({ imageId }: Container, { id, digests }: RuntimeImage): boolean {
  return imageId === `docker://${id}` || digests.some((digest) => imageId === `docker-pullable://${digest}`);
}

/** Pulled by us, and nobody gave it a name of their own since. */
function isOurs({ id, tags }: RuntimeImage, pulled: PulledImages): boolean {
  const references = pulled.references(id);
  return references.length > 0 && tags.every((tag) => references.includes(tag));
}

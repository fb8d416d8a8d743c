import type { V1Pod, V1Secret } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import { type BackoffEntry, KUBELET_BACKOFF } from '../backoff.ts';
import type { ConfigObjects } from '../env/containerEnv.ts';
import { specOf, type SpecContainer } from '../podContainers.ts';
import type { PodEvents } from '../podEvents.ts';
import type { ContainerRuntime, RegistryAuth, RuntimeImage } from '../runtime/types.ts';
import { defaultPullPolicy, withDefaultTag } from './imageReference.ts';
import { credentialsFor } from './pullSecrets.ts';
import { messageOf } from '../errorText.ts';
import type { PulledImages } from './pulledImages.ts';

/** Why an image is not there: the waiting reason and message of its container. */
export class ImageError extends Error {
  readonly reason: 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName' | 'ImageInspectError';
  /** When it is worth another try, in milliseconds since the epoch; undefined for never. */
  readonly retryAt: number | undefined;

  constructor(reason: ImageError['reason'], message: string, retryAt?: number) {
    super(message);
    this.reason = reason;
    this.retryAt = retryAt;
  }
}

export interface ImageManagerOptions {
  readonly runtime: ContainerRuntime;
  readonly objects: ConfigObjects;
  readonly events: PodEvents;
  readonly clock: Clock;
  /** Host of the registry of images that name none. */
  readonly defaultRegistry: string;
  /** Takes note of what is pulled here. */
  readonly pulled: PulledImages;
}

/** After a failed pull the status first shows `ErrImagePull`; so long it does. */
const SHOW_ERROR_MILLISECONDS = 3000;

/** Sees to it that images are there before containers are made of them (`pkg/kubelet/images`). */
export class ImageManager {
  readonly #options: ImageManagerOptions;
  readonly #backoff = new Map<string, { readonly entry: BackoffEntry; readonly error: string }>();
  readonly #pulls = new Map<string, Promise<void>>();

  constructor(options: ImageManagerOptions) {
    this.#options = options;
  }

  /** Resolves to the image; throws an `ImageError`. */
  async ensure(pod: V1Pod, each: SpecContainer): Promise<RuntimeImage> {
    const { events, runtime, clock } = this.#options;
    const image = each.container.image ?? '';
    const reference = withDefaultTag(image);
    if (reference === undefined) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      events.container(pod, each, 'Warning', 'InspectFailed', message);
      throw new ImageError('InvalidImageName', message);
    }
    const present = await this.#inspect(pod, each, reference);
    const policy = each.container.imagePullPolicy ?? defaultPullPolicy(image);
    if (present && policy !== 'Always') {
      events.container(pod, each, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      events.container(pod, each, 'Warning', 'ErrImageNeverPull', message);
      throw new ImageError('ErrImageNeverPull', message);
    }
    const key = `${pod.metadata.uid}_${reference}`;
    this.#refuseInBackoff(pod, each, image, key);
    const since = clock.now();
    events.container(pod, each, 'Normal', 'Pulling', `Pulling image "${image}"`);
    try {
      await this.#pull(pod, reference);
    } catch (error) {
      throw this.#failed(pod, each, image, key, messageOf(error));
    }
    this.#backoff.delete(key);
    const pulled = await runtime.image(reference);
    if (!pulled) throw this.#failed(pod, each, image, key, `image ${reference} is not there after its pull`);
    // What was there before is somebody else's, unless it was ours already.
    if (pulled.id !== present?.id) await this.#options.pulled.add(pulled.id, reference);
    const took = formatDuration(clock.now() - since);
    events.container(pod, each, 'Normal', 'Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pulled.size} bytes.`);
    return pulled;
  }

  /** Forgets the back-off of a pod that is gone. */
  forget(podUid: string): void {
    for (const key of this.#backoff.keys()) if (key.startsWith(`${podUid}_`)) this.#backoff.delete(key);
  }

  async #inspect(pod: V1Pod, each: SpecContainer, reference: string): Promise<RuntimeImage | undefined> {
    try {
      return await this.#options.runtime.image(reference);
    } catch (error) {
      const message = `Failed to inspect image "${each.container.image}": ${messageOf(error)}`;
      this.#options.events.container(pod, each, 'Warning', 'InspectFailed', message);
      throw new ImageError('ImageInspectError', message, this.#options.clock.now() + KUBELET_BACKOFF.initial);
    }
  }

  #refuseInBackoff(pod: V1Pod, each: SpecContainer, image: string, key: string): void {
    const failed = this.#backoff.get(key);
    if (!failed) return;
    const until = failed.entry.updatedAt + failed.entry.delay;
    if (this.#options.clock.now() >= until) return;
    const message = `Back-off pulling image "${image}"`;
    this.#options.events.container(pod, each, 'Normal', 'BackOff', message);
    throw new ImageError('ImagePullBackOff', `${message}: ${failed.error}`, until);
  }

  #failed(pod: V1Pod, each: SpecContainer, image: string, key: string, message: string): ImageError {
    const now = this.#options.clock.now();
    this.#options.events.container(pod, each, 'Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
    const before = this.#backoff.get(key)?.entry;
    const fresh = !before || now - before.updatedAt > 2 * KUBELET_BACKOFF.max;
    const delay = fresh ? KUBELET_BACKOFF.initial : Math.min(before.delay * 2, KUBELET_BACKOFF.max);
    this.#backoff.set(key, { entry: { delay, updatedAt: now }, error: `ErrImagePull: ${message}` });
    return new ImageError('ErrImagePull', message, now + SHOW_ERROR_MILLISECONDS);
  }

  /** Containers that want the same image with the same credentials at the same time share one pull. */
  async #pull(pod: V1Pod, reference: string): Promise<void> {
    const auths: readonly (RegistryAuth | undefined)[] = credentialsFor(reference, await this.#pullSecrets(pod), this.#options.defaultRegistry);
    const key = JSON.stringify([reference, auths]);
    const running = this.#pulls.get(key) ?? this.#pullWith(reference, auths.length > 0 ? auths : [undefined]);
    this.#pulls.set(key, running);
    try {
      await running;
    } finally {
      this.#pulls.delete(key);
    }
  }

  async #pullWith(reference: string, auths: readonly (RegistryAuth | undefined)[]): Promise<void> {
    const messages: string[] = [];
    for (const auth of auths) {
      try {
        await this.#options.runtime.pullImage(reference, auth);
        return;
      } catch (error) {
        messages.push(messageOf(error));
      }
    }
    throw new Error(messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`);
  }

  async #pullSecrets(pod: V1Pod): Promise<readonly V1Secret[]> {
    const names = (specOf(pod).imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
    const secrets = await Promise.all(names.map((name) => this.#options.objects.secret(pod.metadata.uid, pod.metadata.namespace, name, true)));
    const missing = names.filter((_, at) => secrets[at] === undefined);
    if (missing.length > 0) {
      this.#options.events.pod(pod, 'Warning', 'FailedToRetrieveImagePullSecret', `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`);
    }
    return secrets.filter((secret) => secret !== undefined);
  }
}

/** As Go prints a duration that was cut to milliseconds. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = Number(((milliseconds % 60_000) / 1000).toFixed(3));
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

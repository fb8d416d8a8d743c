import { ApiError } from '../api/apiError.ts';
import type { Draft, KubeObject, NamespacedMeta } from '../api/meta.ts';
import type { V1Pod, V1PodTemplateSpec } from '../api/generated/types.ts';
import { Pods } from '../client/resources.ts';
import type { EventRecorder, KubeClient } from '../client/types.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { controllerReference } from './ownership.ts';

export type Owner = KubeObject & { readonly metadata: NamespacedMeta };

/** A pod made from an owner's template. Without `name` the API server makes one from the owner's (`web-x7k2p`). */
export function podFromTemplate(owner: Owner, template: V1PodTemplateSpec, name?: string): Draft<V1Pod> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name === undefined ? { generateName: `${owner.metadata.name}-` } : { name }),
      namespace: owner.metadata.namespace,
      ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ...(template.metadata?.finalizers ? { finalizers: template.metadata.finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    ...(template.spec ? { spec: template.spec } : {}),
  };
}

/** Creates and deletes pods for an owner, and records on the owner that it did. */
export class PodControl {
  readonly #client: KubeClient;
  readonly #recorder: EventRecorder;

  constructor(client: KubeClient, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** Rejects with the API server's refusal, which was also recorded, unless the namespace is on its way out. */
  async create(owner: Owner, pod: Draft<V1Pod>): Promise<V1Pod> {
    try {
      const created = await this.#client.create(Pods, pod, owner.metadata.namespace);
      this.#recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error)) this.#recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Deletes exactly this pod (by uid). A pod that is gone already is fine. Gives the object as the server answered, if it still exists. */
  async delete(owner: Owner, pod: V1Pod): Promise<V1Pod | undefined> {
    const { name, namespace, uid } = pod.metadata;
    try {
      const answer = await ignoreReasons(['NotFound', 'Conflict'], () => this.#client.delete(Pods, name, namespace, { preconditions: { uid } }));
      this.#recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      return answer !== undefined && 'metadata' in answer && answer.kind === 'Pod' ? (answer as V1Pod) : undefined;
    } catch (error) {
      this.#recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }
}

export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof ApiError && (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Runs `count` creations in batches of 1, 2, 4, …: when the first one is refused (a quota, say), the rest are not tried.
 * Gives what succeeded and the first error.
 */
export async function slowStart<T>(count: number, create: () => Promise<T>): Promise<{ readonly created: readonly T[]; readonly error: unknown }> {
  const created: T[] = [];
  for (let batch = 1; created.length < count; batch *= 2) {
    const size = Math.min(batch, count - created.length);
    const results = await Promise.allSettled(Array.from({ length: size }, create));
    for (const result of results) if (result.status === 'fulfilled') created.push(result.value);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) return { created, error: failed.reason };
  }
  return { created, error: undefined };
}

import { ApiError } from '../api/apiError.ts';
import type { KubeObject } from '../api/meta.ts';
import { isNewer } from '../client/objectKey.ts';
import { WorkQueueImpl } from '../client/workQueue.ts';
import type { EventRecorder, Informer, InformerFactory, KubeClient, ReconcileResult, WorkQueue } from '../client/types.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import type { SigningSettings } from './certificates/signingSettings.ts';
import type { EvictionRates } from './nodeLifecycle/zones.ts';

/** What every control loop is given. `client` acts as the loop's own service account; informers are shared in the process. */
export interface ControllerContext {
  readonly client: KubeClient;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** PEM of the cluster's certificate authority. */
  readonly clusterCA: string;
  readonly settings: ControllerSettings;
  /** Undefined where this instance has no key to sign with. */
  readonly signing?: SigningSettings;
  /** PEM of the private key that signs tokens of service accounts; undefined where this instance has none. */
  readonly serviceAccountKey?: string;
  /** Aborted when the loops end. */
  readonly signal: AbortSignal;
}

/** Kubernetes' kube-controller-manager options that loops read; times in milliseconds. */
export interface ControllerSettings extends EvictionRates {
  readonly clusterCIDR: string;
  readonly nodeCIDRMaskSize: number;
  readonly serviceCIDR: string;
  readonly nodeMonitorPeriod: number;
  readonly nodeMonitorGracePeriod: number;
  readonly nodeStartupGracePeriod: number;
  readonly terminatedPodGCThreshold: number;
  readonly legacyTokenCleanUpPeriod: number;
}

/** Handles one key; it never asks what happened, only what is. */
export type Reconcile = (key: string) => Promise<ReconcileResult>;

/** A control loop, by the name that Kubernetes' `--controllers` knows it under. */
export interface Controller {
  readonly name: string;
  /** The service account in kube-system whose rights it uses; absent: the manager's own. */
  readonly serviceAccount?: string;
  /** What its events name as their source, where that is not `name`. */
  readonly eventSource?: string;
  readonly workers: number;
  /** Registers informers and handlers, which only add keys to the queue, and returns the loop's body. */
  readonly setup: (context: ControllerContext, queue: WorkQueue) => Reconcile;
}

/** Runs a loop until the context's signal: waits for its informers, then takes keys. */
export async function runController(controller: Controller, context: ControllerContext): Promise<void> {
  const logger = context.logger.child({ controller: controller.name });
  const queue = new WorkQueueImpl({ clock: context.clock, logger });
  const reconcile = controller.setup({ ...context, logger }, queue);
  context.informers.start(context.signal);
  await context.informers.synced(context.signal);
  await queue.run(controller.workers, reconcile, context.signal);
}

/** The inverse of `objectKey` for namespaced objects. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: slash < 0 ? '' : key.slice(0, slash), name: key.slice(slash + 1) };
}

/** How long a loop waits to see its own write; then it goes on, since the next round is level-based anyway. */
const OWN_WRITE_WAIT_MILLISECONDS = 5000;

/** Read your own writes: holds the key until the informer has seen what was just written. */
export async function seen<T extends KubeObject>(informer: Informer<T>, written: readonly KubeObject[]): Promise<void> {
  const newest = written.reduce((most, object) => (isNewer(object.metadata.resourceVersion, most) ? object.metadata.resourceVersion : most), '0');
  if (newest !== '0') await informer.waitFor(newest, OWN_WRITE_WAIT_MILLISECONDS);
}

/**
 * Holds a key whose last request may have been carried out without an answer, until the informer has seen what came of it: a decision on
 * older objects would do it again to others. Rejects while no API server answers.
 */
export async function caughtUp<T extends KubeObject>(client: KubeClient, informer: Informer<T>, namespace: string): Promise<void> {
  const { metadata } = await client.list(informer.resource, { namespace, limit: 1 });
  if (!(await informer.waitFor(metadata.resourceVersion ?? '', OWN_WRITE_WAIT_MILLISECONDS))) throw new Error('the informer is behind');
}

/** Whether a request that failed may have been carried out all the same: the answer was lost, or is a server's fault. */
export const mayHaveHappened = (error: unknown): boolean => !(error instanceof ApiError) || error.code >= 500;

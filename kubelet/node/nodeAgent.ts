import { ApiError } from '../../api/apiError.ts';
import type { V1Lease, V1Node, V1NodeStatus } from '../../api/generated/types.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { NAMESPACE_NODE_LEASE } from '../../api/wellKnown.ts';
import { Leases, Nodes } from '../../client/resources.ts';
import type { EventRecorder, KubeClient } from '../../client/types.ts';
import { type Clock, formatMicroTime } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { ContainerRuntime, RuntimeInfo } from '../runtime/types.ts';
import type { HostInfo } from './hostInfo.ts';
import { conditionEvents, type NodeHealth, type NodeIdentity, nodeLabels, nodeObject, nodeStatus } from './nodeStatus.ts';

export interface NodeAgentOptions {
  readonly client: KubeClient;
  readonly runtime: ContainerRuntime;
  readonly runtimeInfo: RuntimeInfo;
  readonly host: HostInfo;
  readonly identity: NodeIdentity;
  /** Whether it makes the Node's object; else there is something to report only while somebody has made it. */
  readonly registerNode: boolean;
  readonly recorder: EventRecorder;
  readonly health: () => Promise<NodeHealth>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly updateFrequency: number;
  readonly reportFrequency: number;
  readonly leaseDurationSeconds: number;
}

const REGISTER_RETRY_MILLISECONDS = 500;
/** While the node is not ready, or was only just registered, it is looked at more often. */
const EAGER_MILLISECONDS = 500;
/** A lease is renewed four times in its duration. */
const RENEWALS = 4;

/** The node's own object: registers it, and keeps its status and lease fresh. */
export class NodeAgent {
  readonly #options: NodeAgentOptions;
  readonly #registered = Promise.withResolvers<void>();
  #reportedAt = -Infinity;
  #wake: AbortController | undefined;

  constructor(options: NodeAgentOptions) {
    this.#options = options;
  }

  /** Resolves when the Node was registered, or the signal came first. */
  get registered(): Promise<void> {
    return this.#registered.promise;
  }

  /** Creates the Node, or takes up the one that is there, until it succeeds; nothing where it is somebody else's to make. */
  async #register(signal: AbortSignal): Promise<void> {
    const { clock, logger, identity, recorder, registerNode } = this.#options;
    while (!signal.aborted) {
      try {
        if (registerNode) await this.#createOrLabel();
        recorder.event(this.#target(), 'Normal', 'Starting', 'Starting kubelet.');
        return;
      } catch (error) {
        logger.warn('the node could not be registered; trying again', { node: identity.nodeName, error });
        await clock.sleep(REGISTER_RETRY_MILLISECONDS, signal);
      }
    }
  }

  /** Registers the node, then keeps status and lease up to date until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#register(signal);
    this.#registered.resolve();
    await Promise.all([this.#statusLoop(signal), this.#leaseLoop(signal)]);
  }

  /** The node's health has changed: it is reported at once. */
  poke(): void {
    this.#wake?.abort();
  }

  async #createOrLabel(): Promise<V1Node> {
    const { client, identity, host } = this.#options;
    try {
      return await client.create(Nodes, nodeObject(identity, host));
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
    }
    const node = await client.get(Nodes, identity.nodeName);
    const labels = nodeLabels(identity, host);
    if (Object.entries(labels).every(([name, value]) => node.metadata.labels?.[name] === value)) return node;
    return client.patch(Nodes, identity.nodeName, undefined, 'application/merge-patch+json', { metadata: { labels } });
  }

  async #statusLoop(signal: AbortSignal): Promise<void> {
    const { clock, logger, updateFrequency } = this.#options;
    let told = false;
    while (!signal.aborted) {
      let ready = false;
      try {
        ready = await this.#report();
        told = false;
      } catch (error) {
        if (!signal.aborted && !told) logger.error("the node's status could not be written; trying again", { error });
        told = true;
      }
      this.#wake = new AbortController();
      await clock.sleep(ready ? updateFrequency : EAGER_MILLISECONDS, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Writes the status where it changed or was not written for long; resolves to whether the node is ready. */
  async #report(): Promise<boolean> {
    const { client, runtime, runtimeInfo, host, identity, recorder, clock, reportFrequency } = this.#options;
    const node = (await this.#find()) ?? (this.#options.registerNode ? await this.#createOrLabel() : undefined);
    if (!node) return true;
    const health = await this.#options.health();
    const images = await runtime.listImages().catch(() => []);
    const status = nodeStatus(identity, host, runtimeInfo, images, health, node.status, clock.now());
    const due = clock.monotonic() - this.#reportedAt >= reportFrequency;
    if (due || !semanticEqual(withoutHeartbeat(node.status, status), withoutHeartbeat(status, status))) {
      await client.patch(Nodes, identity.nodeName, undefined, 'application/strategic-merge-patch+json', { status: { ...status, addresses: [...(status.addresses ?? []), { $patch: 'replace' }] } }, 'status');
      this.#reportedAt = clock.monotonic();
      for (const reason of conditionEvents(node.status?.conditions ?? [], status.conditions ?? [])) {
        recorder.event(this.#target(), 'Normal', reason, `Node ${identity.nodeName} status is now: ${reason}`);
      }
    }
    return health.notReady === undefined;
  }

  /** Undefined where nobody has made it, or somebody deleted it. */
  #find(): Promise<V1Node | undefined> {
    return unlessMissing(this.#options.client.get(Nodes, this.#options.identity.nodeName));
  }

  async #leaseLoop(signal: AbortSignal): Promise<void> {
    const { clock, logger, leaseDurationSeconds, registerNode } = this.#options;
    let lease: V1Lease | undefined;
    let told = false;
    while (!signal.aborted) {
      try {
        lease = await this.#renew(lease);
        told = false;
      } catch (error) {
        lease = undefined;
        if (!signal.aborted && !told) logger.error('the node lease could not be renewed; trying again', { error });
        told = true;
      }
      await clock.sleep(lease || !registerNode ? (leaseDurationSeconds * 1000) / RENEWALS : EAGER_MILLISECONDS, signal);
    }
  }

  /** Undefined where there is no Node that it could be of. */
  async #renew(known: V1Lease | undefined): Promise<V1Lease | undefined> {
    const { client, identity, clock, leaseDurationSeconds, registerNode } = this.#options;
    const renewTime = formatMicroTime(clock.now());
    const spec = { holderIdentity: identity.nodeName, leaseDurationSeconds, renewTime };
    const lease = known ?? (await this.#findLease());
    if (lease) return client.update(Leases, { ...lease, spec: { ...lease.spec, ...spec } });
    const owner = registerNode ? await client.get(Nodes, identity.nodeName) : await this.#find();
    if (!owner) return undefined;
    return client.create(
      Leases,
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: identity.nodeName, namespace: NAMESPACE_NODE_LEASE, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: identity.nodeName, uid: owner.metadata.uid }] }, spec },
      NAMESPACE_NODE_LEASE,
    );
  }

  #findLease(): Promise<V1Lease | undefined> {
    return unlessMissing(this.#options.client.get(Leases, this.#options.identity.nodeName, NAMESPACE_NODE_LEASE));
  }

  /** A warning event about the node. */
  warn(reason: string, message: string): void {
    this.#options.recorder.event(this.#target(), 'Warning', reason, message);
  }

  /** Events about a node bear its name for a uid, which is what `describe node` looks for. */
  #target(): Parameters<EventRecorder['event']>[0] {
    const { nodeName } = this.#options.identity;
    return { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } };
  }
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

/** What is compared: heartbeats alone are no change, and what others wrote is not ours. */
function withoutHeartbeat(status: V1NodeStatus | undefined, like: V1NodeStatus): unknown {
  const { conditions, addresses, allocatable, capacity, daemonEndpoints, images, nodeInfo } = status ?? {};
  const types = new Set((like.conditions ?? []).map(({ type }) => type));
  const compared = (conditions ?? []).filter(({ type }) => types.has(type)).map(({ type, status, reason, message }) => ({ type, status, reason, message }));
  return { conditions: compared.sort((a, b) => a.type.localeCompare(b.type)), addresses, allocatable, capacity, daemonEndpoints, images, nodeInfo };
}

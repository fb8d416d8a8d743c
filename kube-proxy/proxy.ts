import type { V1EndpointSlice, V1Node, V1Service } from '../api/generated/types.ts';
import { EndpointSlices, Nodes, Services } from '../client/resources.ts';
import type { EventRecorder, Informer, InformerFactory } from '../client/types.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { type BaseSettings, fixedRules } from './baseRules.ts';
import { HealthCheckNodePorts } from './healthCheckNodePorts.ts';
import type { Kernel } from './kernel.ts';
import { Pace } from './pace.ts';
import type { ProxyHealth } from './proxyHealth.ts';
import { type PortRules, portRules, type RuleSettings } from './rules.ts';
import { incrementalInput } from './ruleSet.ts';
import { type Refused, restoreAll } from './restoring.ts';
import { SERVICE_NAME_LABEL, type ServicePort, servicePorts } from './servicePorts.ts';
import { staleFlows } from './staleFlows.ts';
import { readStanding, wasFlushed } from './standing.ts';

export interface ProxySettings extends BaseSettings, RuleSettings {
  readonly nodeName: string;
  /** How often the kernel is looked at, in case somebody else flushed our chains (Kubernetes' syncPeriod), in milliseconds. */
  readonly syncPeriod: number;
}

export interface ProxyDependencies {
  readonly informers: InformerFactory;
  readonly kernel: Kernel;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: ProxyHealth;
}

const SLICES_BY_SERVICE = 'service';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** After a failed write everything is written anew; this long after. */
const RETRY_MILLISECONDS = 1000;
/** A Service whose rules iptables refuses is left out, and tried again so often, or when it changes. */
const REFUSED_RETRY_MILLISECONDS = 60_000;

/** What the kernel holds for one Service, or should hold. */
interface Carried {
  readonly ports: readonly ServicePort[];
  readonly rules: readonly PortRules[];
}

const NOTHING: Carried = { ports: [], rules: [] };

/**
 * Services and EndpointSlices -> ServicePorts -> rules -> one restore of what differs. Changes that come while a restore runs
 * are taken together by the next one.
 */
export class Proxy {
  readonly #settings: ProxySettings;
  readonly #kernel: Kernel;
  readonly #recorder: EventRecorder;
  readonly #services: Informer<V1Service>;
  readonly #slices: Informer<V1EndpointSlice>;
  readonly #nodes: Informer<V1Node>;
  readonly #health: ProxyHealth;
  readonly #healthChecks: HealthCheckNodePorts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #applied = new Map<string, Carried>();
  /** Keys of Services that may differ from what is applied. */
  #changed = new Set<string>();
  #needsFull = true;
  /** When Services that are left out are tried again, by their keys. */
  readonly #refused = new Map<string, number>();
  #wake: () => void = () => undefined;

  constructor(settings: ProxySettings, { informers, kernel, recorder, clock, logger, health }: ProxyDependencies) {
    this.#settings = settings;
    this.#kernel = kernel;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#logger = logger;
    this.#health = health;
    this.#healthChecks = new HealthCheckNodePorts(logger, () => health.isHealthy);
    this.#services = informers.informer(Services);
    this.#slices = informers.informer(EndpointSlices);
    this.#nodes = informers.informer(Nodes, { fieldSelector: `metadata.name=${settings.nodeName}` });
    this.#slices.addIndex(SLICES_BY_SERVICE, (slice) => [serviceOf(slice)]);
    const onService = (service: V1Service): void => this.#touch(keyOf(service));
    const onSlice = (slice: V1EndpointSlice): void => this.#touch(serviceOf(slice));
    const onZone = (before: string | undefined, now: string | undefined): void => {
      if (before !== now) for (const service of this.#services.list()) onService(service);
    };
    this.#services.addHandler({ added: onService, updated: (_, service) => onService(service), deleted: onService });
    this.#slices.addHandler({ added: onSlice, updated: (_, slice) => onSlice(slice), deleted: onSlice });
    const onNode = (before: V1Node | undefined, node: V1Node): void => {
      health.sawNode(node);
      onZone(before?.metadata.labels?.[ZONE_LABEL], node.metadata.labels?.[ZONE_LABEL]);
    };
    this.#nodes.addHandler({ added: (node) => onNode(undefined, node), updated: onNode, deleted: () => health.sawNode(undefined) });
  }

  /** Runs until the signal; the informers must have synced. The rules stay in the kernel afterwards, so that a restart is not felt. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#openLoopback();
    let nextLook = this.#clock.monotonic() + this.#settings.syncPeriod;
    while (!signal.aborted) {
      try {
        if (this.#clock.monotonic() >= nextLook) {
          nextLook = this.#clock.monotonic() + this.#settings.syncPeriod;
          if (wasFlushed(await readStanding(this.#kernel.iptables))) this.#flushed();
        }
        this.#retryRefused();
        await this.#sync();
      } catch (error) {
        this.#needsFull = true;
        this.#logger.error('cannot write the rules; all of them will be written again', { error });
        await this.#clock.sleep(RETRY_MILLISECONDS, signal);
        continue;
      }
      await this.#untilChange(Math.min(nextLook, ...this.#refused.values()) - this.#clock.monotonic(), signal);
    }
    this.#healthChecks.close();
  }

  /** A node port on 127.0.0.1 leads to a pod; the kernel otherwise forbids loopback addresses on other links. */
  async #openLoopback(): Promise<void> {
    const failure = await this.#kernel.setSysctl('net.ipv4.conf.all.route_localnet', '1');
    if (failure !== undefined) this.#logger.warn('node ports will not answer on 127.0.0.1', { reason: failure });
  }

  #flushed(): void {
    this.#logger.warn('rules of ours are gone from iptables; all of them will be written again');
    this.#needsFull = true;
  }

  #touch(service: string): void {
    this.#refused.delete(service);
    this.#changed.add(service);
    this.#health.queued();
    this.#wake();
  }

  #retryRefused(): void {
    const now = this.#clock.monotonic();
    for (const [key, time] of this.#refused) if (time <= now) this.#touch(key);
  }

  async #untilChange(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#changed.size > 0 || signal.aborted) return;
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    const stop = (): void => wake.abort();
    signal.addEventListener('abort', stop, { once: true });
    await this.#clock.sleep(Math.max(0, milliseconds), wake.signal);
    signal.removeEventListener('abort', stop);
    this.#wake = () => undefined;
  }

  async #sync(): Promise<void> {
    const keys = this.#changed;
    if (!this.#needsFull && keys.size === 0) return;
    this.#changed = new Set();
    if (this.#needsFull) for (const key of [...this.#applied.keys(), ...this.#services.list().map(keyOf)]) keys.add(key);
    const pace = new Pace(this.#clock);
    const wanted = new Map<string, Carried>();
    for (const key of keys) {
      wanted.set(key, this.#refused.has(key) ? NOTHING : this.#desired(key));
      await pace.pause();
    }
    if (this.#needsFull) {
      for (const [key, text] of await this.#writeAll(wanted, pace)) {
        wanted.set(key, NOTHING);
        this.#leaveOut(key, text);
      }
    } else {
      const input = incrementalInput(rulesOf(keys, this.#applied), rulesOf(keys, wanted));
      if (input !== '') await this.#kernel.iptables.restore(input);
    }
    this.#needsFull = false;
    await this.#adopt(wanted);
    if (this.#changed.size === 0) this.#health.updated();
  }

  #writeAll(wanted: ReadonlyMap<string, Carried>, pace: Pace): Promise<Refused> {
    return restoreAll(this.#kernel.iptables, fixedRules(this.#settings), rulesOf(wanted.keys(), wanted), () => pace.pause());
  }

  #leaveOut(key: string, text: string): void {
    this.#refused.set(key, this.#clock.monotonic() + REFUSED_RETRY_MILLISECONDS);
    this.#logger.error('iptables refuses the rules of a Service; it is left out', { service: key, error: text });
    const service = this.#services.get(key);
    if (service) this.#recorder.event({ ...service, apiVersion: 'v1', kind: 'Service' }, 'Warning', 'FailedToSyncProxyRules', `iptables refuses the rules of this Service: ${text}`);
  }

  #desired(key: string): Carried {
    const service = this.#services.get(key);
    if (service === undefined) return NOTHING;
    const zone = this.#nodes.get(this.#settings.nodeName)?.metadata.labels?.[ZONE_LABEL];
    const ports = servicePorts(service, this.#slices.byIndex(SLICES_BY_SERVICE, key), this.#settings.nodeName, zone);
    return ports.length === 0 ? NOTHING : { ports, rules: ports.map((port) => portRules(port, this.#settings)) };
  }

  /** Takes down what is now in the kernel, and does what must follow a change of rules. */
  async #adopt(wanted: ReadonlyMap<string, Carried>): Promise<void> {
    const before: ServicePort[] = [];
    const after: ServicePort[] = [];
    for (const [key, next] of wanted) {
      before.push(...(this.#applied.get(key)?.ports ?? []).map((port) => ({ ...port, endpoints: [], localEndpoints: [] })));
      after.push(...next.ports);
      if (next === NOTHING) this.#applied.delete(key);
      else this.#applied.set(key, next);
      this.#healthChecks.update(key, next.ports);
    }
    // What Services no longer have comes first: an address may be another one's already.
    const udp = [...before, ...after].filter((port) => port.protocol === 'UDP');
    if (udp.length > 0) await this.#forgetStaleFlows(udp);
  }

  /** The rules are written already: what fails here is no reason to write them again. */
  async #forgetStaleFlows(ports: readonly ServicePort[]): Promise<void> {
    try {
      const flows = await this.#kernel.conntrack.udpFlows();
      for (const flow of staleFlows(flows, ports, this.#kernel.nodeAddresses())) await this.#kernel.conntrack.forget(flow);
    } catch (error) {
      this.#logger.error('cannot forget UDP flows; some may go on to endpoints that are gone', { error });
    }
  }
}

function rulesOf(keys: Iterable<string>, carried: ReadonlyMap<string, Carried>): ReadonlyMap<string, readonly PortRules[]> {
  return new Map([...keys].map((key) => [key, carried.get(key)?.rules ?? []]));
}

const keyOf = (service: V1Service): string => `${service.metadata.namespace}/${service.metadata.name}`;
const serviceOf = (slice: V1EndpointSlice): string => `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;

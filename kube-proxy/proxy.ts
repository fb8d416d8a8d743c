import type { V1EndpointSlice, V1Service } from '../api/generated/types.ts';
import { EndpointSlices, Nodes, Services } from '../client/resources.ts';
import type { Informer, InformerFactory } from '../client/types.ts';
import { forgetFlows } from '../host/conntrack.ts';
import { chainsIn, Iptables, rulesOf, type Table } from '../host/iptables.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { type BaseSettings, fixedChains, JUMPS } from './baseRules.ts';
import { HealthCheckNodePorts } from './healthCheckNodePorts.ts';
import { type PortRules, portRules } from './rules.ts';
import { fullInput, incrementalInput, jumpKey, type Standing, targetOf, wasFlushed } from './ruleSet.ts';
import { SERVICE_NAME_LABEL, type ServicePort, servicePorts } from './servicePorts.ts';
import { staleFlows } from './staleFlows.ts';

export interface ProxySettings extends BaseSettings {
  readonly nodeName: string;
  /** How often the kernel is looked at, in case somebody else flushed our chains (Kubernetes' syncPeriod), in milliseconds. */
  readonly syncPeriod: number;
}

const SLICES_BY_SERVICE = 'service';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** After a failed write everything is written anew; this long after. */
const RETRY_MILLISECONDS = 1000;

/** What the kernel holds for one Service. */
interface Applied {
  readonly ports: readonly ServicePort[];
  readonly rules: readonly PortRules[];
}

/**
 * Services and EndpointSlices -> ServicePorts -> rules -> one restore of what differs. Changes that come while a restore runs
 * are taken together by the next one.
 */
export class Proxy {
  readonly #settings: ProxySettings;
  readonly #iptables = new Iptables();
  readonly #services: Informer<V1Service>;
  readonly #slices: Informer<V1EndpointSlice>;
  readonly #nodes: Informer;
  readonly #healthChecks: HealthCheckNodePorts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #applied = new Map<string, Applied>();
  /** Keys of Services that may differ from what is applied. */
  #changed = new Set<string>();
  #needsFull = true;
  #wake: () => void = () => undefined;

  constructor(settings: ProxySettings, informers: InformerFactory, clock: Clock, logger: Logger) {
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#healthChecks = new HealthCheckNodePorts(logger);
    this.#services = informers.informer(Services);
    this.#slices = informers.informer(EndpointSlices);
    this.#nodes = informers.informer(Nodes, { fieldSelector: `metadata.name=${settings.nodeName}` });
    this.#slices.addIndex(SLICES_BY_SERVICE, (slice) => [serviceOf(slice)]);
    const onService = (service: V1Service): void => this.#touch(`${service.metadata.namespace}/${service.metadata.name}`);
    const onSlice = (slice: V1EndpointSlice): void => this.#touch(serviceOf(slice));
    this.#services.addHandler({ added: onService, updated: (_, service) => onService(service), deleted: onService });
    this.#slices.addHandler({ added: onSlice, updated: (_, slice) => onSlice(slice), deleted: onSlice });
    this.#nodes.addHandler({
      updated: (previous, node) => {
        if (previous.metadata.labels?.[ZONE_LABEL] !== node.metadata.labels?.[ZONE_LABEL]) for (const service of this.#services.list()) onService(service);
      },
    });
  }

  /** Runs until the signal; the informers must have synced. The rules stay in the kernel afterwards, so that a restart is not felt. */
  async run(signal: AbortSignal): Promise<void> {
    let nextLook = this.#clock.monotonic() + this.#settings.syncPeriod;
    while (!signal.aborted) {
      try {
        if (this.#clock.monotonic() >= nextLook) {
          nextLook = this.#clock.monotonic() + this.#settings.syncPeriod;
          if (wasFlushed(await this.#standing())) this.#needsFull = true;
        }
        await this.#sync();
      } catch (error) {
        this.#needsFull = true;
        this.#logger.error('cannot write the rules; all of them will be written again', { error });
        await this.#clock.sleep(RETRY_MILLISECONDS, signal);
        continue;
      }
      await this.#untilChange(nextLook - this.#clock.monotonic(), signal);
    }
    this.#healthChecks.close();
  }

  #touch(service: string): void {
    this.#changed.add(service);
    this.#wake();
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
    if (this.#needsFull) return this.#syncAll();
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Set();
    const wanted = new Map([...changed].map((key) => [key, this.#desired(key)]));
    const applied = new Map([...changed].map((key) => [key, this.#applied.get(key)?.rules ?? []]));
    const input = incrementalInput(applied, new Map([...wanted].map(([key, each]) => [key, each?.rules])));
    if (input !== undefined) await this.#iptables.restore(input);
    await this.#adopt(wanted);
  }

  async #syncAll(): Promise<void> {
    const standing = await this.#standing();
    this.#changed = new Set();
    const keys = new Set([...this.#applied.keys(), ...this.#services.list().map((service) => `${service.metadata.namespace}/${service.metadata.name}`)]);
    const wanted = new Map([...keys].map((key) => [key, this.#desired(key)]));
    const rules = new Map([...wanted].map(([key, each]) => [key, each?.rules ?? []]));
    await this.#iptables.restore(fullInput(fixedChains(this.#settings), rules, standing));
    this.#needsFull = false;
    await this.#adopt(wanted);
  }

  #desired(key: string): Applied | undefined {
    const service = this.#services.get(key);
    if (service === undefined) return undefined;
    const zone = this.#nodes.get(this.#settings.nodeName)?.metadata.labels?.[ZONE_LABEL];
    const ports = servicePorts(service, this.#slices.byIndex(SLICES_BY_SERVICE, key), this.#settings.nodeName, zone);
    return { ports, rules: ports.map((port) => portRules(port, this.#settings)) };
  }

  /** Takes down what is now in the kernel, and does what must follow a change of rules. */
  async #adopt(wanted: ReadonlyMap<string, Applied | undefined>): Promise<void> {
    const flows = [];
    for (const [key, next] of wanted) {
      flows.push(...staleFlows(this.#applied.get(key)?.ports ?? [], next?.ports ?? []));
      if (next === undefined) this.#applied.delete(key);
      else this.#applied.set(key, next);
      this.#healthChecks.update(key, next?.ports ?? []);
    }
    for (const flow of flows) await forgetFlows(flow);
  }

  async #standing(): Promise<Standing> {
    return readStanding(this.#iptables);
  }
}

/** What of ours stands in the kernel. */
export async function readStanding(iptables: Iptables): Promise<Standing> {
  const chains = new Map<Table, ReadonlySet<string>>();
  const jumps = new Set<string>();
  for (const table of ['nat', 'filter'] as const) {
    const saved = await iptables.save(table);
    chains.set(table, chainsIn(saved));
    for (const jump of JUMPS.filter((each) => each.table === table)) {
      const target = targetOf(jump.rule);
      if (rulesOf(saved, jump.from).some((rule) => targetOf(rule) === target)) jumps.add(jumpKey(table, jump.from, target));
    }
  }
  return { chains, jumps };
}

function serviceOf(slice: V1EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}

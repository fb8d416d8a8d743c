import { tooManyRequests } from '../../api/apiError.ts';
import type { V1FlowSchema, V1PriorityLevelConfiguration } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { Clock } from '../../process/clock.ts';
import { requestKind } from '../request/inFlightLimit.ts';
import type { RequestKind } from '../request/inFlightLimit.ts';
import type { RequestFlow, RequestLimit, Ticket } from '../request/requestLimit.ts';
import { resourcePrefix } from '../storage/types.ts';
import type { StorageResource, WatchCache } from '../storage/types.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import { currentLimits, levelLimits } from './concurrency.ts';
import { bySchemaOrder } from '../../api/kinds/flowcontrol/flowcontrol.ts';
import { mandatoryLevels, mandatorySchemas, mandatorySpec } from './defaultFlows.ts';
import { Rejected } from './fairQueues.ts';
import { FlowFigures } from './flowFigures.ts';
import { distinguisherOf, flowMatcher } from './flowMatcher.ts';
import { PriorityLevel } from './priorityLevel.ts';
import { WatchTracker } from './watchTracker.ts';
import { estimateWork } from './workEstimate.ts';
import type { ResourceFigures } from './workEstimate.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const SCHEMAS: StorageResource = { group: GROUP, resource: 'flowschemas' };
const LEVELS: StorageResource = { group: GROUP, resource: 'prioritylevelconfigurations' };
/** How often what is lent to whom is decided anew. */
const ADJUST_MS = 10_000;
const MESSAGE = 'Too many requests, please try again later.';

interface PreparedSchema {
  readonly name: string;
  readonly level: PriorityLevel;
  readonly figures: FlowFigures;
  readonly headers: Readonly<Record<string, string>>;
  readonly matches: (info: RequestInfo, user: UserInfo) => boolean;
  readonly distinguisher: (info: RequestInfo, user: UserInfo) => string;
}

export interface FlowControlConfig {
  /** All seats of this server: `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
  readonly seats: number;
  /** How long a request may wait for its turn; a quarter of `--request-timeout`. */
  readonly waitMilliseconds: number;
}

/**
 * API priority and fairness (KEP-1040).
 * 1. A request belongs to the first FlowSchema, by precedence and then by name, that matches it and whose priority level exists.
 * 2. Levels do not take seats from each other, but for those that they lend.
 * 3. Within a level, flows get seats in turn.
 * The mandatory objects are in force also where etcd does not have them.
 */
export class FlowControl implements RequestLimit {
  readonly #cache: WatchCache;
  readonly #config: FlowControlConfig;
  readonly #clock: Clock;
  /** By name; one whose object is gone stays until nobody is in it. */
  readonly #levels = new Map<string, PriorityLevel>();
  readonly #figures = new Map<string, FlowFigures>();
  readonly #watches = new WatchTracker();
  readonly #resources: ResourceFigures;
  #schemas: readonly PreparedSchema[] = [];
  readonly #present: Record<RequestKind, number> = { readOnly: 0, mutating: 0 };
  #isStale = true;

  /** Follows the objects in `cache` until the signal. */
  constructor(cache: WatchCache, config: FlowControlConfig, clock: Clock, signal: AbortSignal) {
    this.#cache = cache;
    this.#config = config;
    this.#clock = clock;
    this.#resources = {
      objects: (info) => cache.count(resourcePrefix(info)),
      objectBytes: (info) => cache.meanBytes(resourcePrefix(info)),
      watches: (info) => this.#watches.interested(info),
    };
    for (const resource of [SCHEMAS, LEVELS]) {
      const end = cache.subscribe(resource, () => {
        this.#isStale = true;
      });
      signal.addEventListener('abort', end, { once: true });
    }
    this.#prepare();
    void this.#keepAdjusting(signal);
  }

  get levels(): Iterable<PriorityLevel> {
    if (this.#isStale) this.#prepare();
    return this.#levels.values();
  }

  get figures(): Iterable<FlowFigures> {
    return this.#figures.values();
  }

  /** Requests that are worked on. */
  present(kind: RequestKind): number {
    return this.#present[kind];
  }

  classify(info: RequestInfo, user: UserInfo, query: URLSearchParams): RequestFlow {
    if (this.#isStale) this.#prepare();
    const schema = this.#schemas.find(({ matches }) => matches(info, user)) ?? this.#schemas.at(-1)!;
    const flow = { headers: schema.headers, enter: (signal: AbortSignal) => this.#enter(schema, info, user, query, signal) };
    return info.verb === 'watch' ? { ...flow, watching: () => this.#watches.register(info, query) } : flow;
  }

  #enter(schema: PreparedSchema, info: RequestInfo, user: UserInfo, query: URLSearchParams, signal: AbortSignal): Ticket | Promise<Ticket> {
    const { level, figures } = schema;
    if (level.isExempt) {
      figures.dispatched += 1;
      return this.#working(figures, info, level.enterExempt());
    }
    const work = estimateWork(info, query, level.mostSeats, this.#resources);
    const arrival = { schema: schema.name, distinguisher: schema.distinguisher(info, user), work, info, user };
    const refuse = (error: unknown): never => {
      if (!(error instanceof Rejected)) throw error;
      figures.reject(error.reason);
      level.dropped.record(this.#clock.now());
      throw tooManyRequests(MESSAGE, level.dropped.retryAfter);
    };
    try {
      const entered = level.queues.enter(arrival, this.#config.waitMilliseconds, signal);
      if (!(entered instanceof Promise)) {
        figures.admit(0);
        return this.#working(figures, info, entered);
      }
      const began = this.#clock.monotonic();
      figures.waiting += 1;
      const admitted = entered.then((ticket) => {
        figures.admit((this.#clock.monotonic() - began) / 1000);
        return this.#working(figures, info, ticket);
      }, refuse);
      return admitted.finally(() => {
        figures.waiting -= 1;
      });
    } catch (error) {
      return refuse(error);
    }
  }

  /** The ticket, counted while it is out. */
  #working(figures: FlowFigures, info: RequestInfo, ticket: Ticket): Ticket {
    const kind = requestKind(info);
    figures.present += 1;
    this.#present[kind] += 1;
    return {
      leave: () => {
        figures.present -= 1;
        this.#present[kind] -= 1;
        ticket.leave();
      },
    };
  }

  /** Takes the objects as they are now into force. */
  #prepare(): void {
    this.#isStale = false;
    const levels = withMandatory(this.#cache.list(resourcePrefix(LEVELS)).map(({ object }) => object as V1PriorityLevelConfiguration), mandatoryLevels() as V1PriorityLevelConfiguration[]);
    for (const object of levels) {
      const known = this.#levels.get(object.metadata.name) ?? new PriorityLevel(object.metadata.name, this.#clock);
      known.configure(object);
      this.#levels.set(known.name, known);
    }
    const names = new Set(levels.map(({ metadata }) => metadata.name));
    for (const [name, level] of this.#levels) {
      if (names.has(name)) continue;
      level.isQuiescing = true;
      if (level.queues.isIdle) this.#levels.delete(name);
    }
    this.#share();
    const schemas = withMandatory(this.#cache.list(resourcePrefix(SCHEMAS)).map(({ object }) => object as V1FlowSchema), mandatorySchemas() as V1FlowSchema[]);
    this.#schemas = schemas
      .filter(({ spec }) => names.has(spec?.priorityLevelConfiguration.name ?? ''))
      .toSorted(bySchemaOrder)
      .map((schema) => this.#prepared(schema));
    const present = new Set(this.#schemas.map(({ figures }) => figures));
    for (const [key, figures] of this.#figures) if (!present.has(figures) && figures.isIdle) this.#figures.delete(key);
  }

  #prepared(schema: V1FlowSchema): PreparedSchema {
    const level = this.#levels.get(schema.spec!.priorityLevelConfiguration.name)!;
    const { name } = schema.metadata;
    // A mandatory one that etcd does not have has none.
    const uid = schema.metadata.uid || '';
    const key = `${level.name}/${name}`;
    const figures = this.#figures.get(key) ?? new FlowFigures(level.name, name);
    this.#figures.set(key, figures);
    return { name, level, figures, headers: { 'x-kubernetes-pf-flowschema-uid': uid, 'x-kubernetes-pf-prioritylevel-uid': level.uid }, matches: flowMatcher(schema), distinguisher: distinguisherOf(schema) };
  }

  /** Gives each level its share of the seats, also one that is served to its end. */
  #share(): void {
    const levels = [...this.#levels.values()];
    const limits = levelLimits(levels.map(({ share }) => share), this.#config.seats);
    levels.forEach((level, at) => level.setLimits(limits[at]!));
    this.#lend();
  }

  async #keepAdjusting(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(ADJUST_MS, signal);
      if (!signal.aborted) this.adjust();
    }
  }

  /** Lends what levels do not use to those that want more than they have. */
  adjust(): void {
    if (this.#isStale) this.#prepare();
    else this.#lend();
  }

  #lend(): void {
    const levels = [...this.#levels.values()];
    const limits = currentLimits(levels.map((level) => ({ isExempt: level.isExempt, limits: level.limits, ...level.takeDemand() })));
    for (const [at, level] of levels.entries()) if (limits[at] !== undefined) level.queues.setLimit(limits[at]);
  }
}

/** The objects that there are, with the mandatory ones that there are not; what is mandatory is as the server knows it. */
function withMandatory<T extends KubeObject & { spec?: object }>(present: readonly T[], mandatory: readonly T[]): T[] {
  const byName = new Map(present.map((each) => [each.metadata.name, each]));
  for (const wanted of mandatory) {
    const found = byName.get(wanted.metadata.name);
    byName.set(wanted.metadata.name, found ? { ...found, spec: mandatorySpec(found, wanted) } : wanted);
  }
  return [...byName.values()];
}

import { failure } from '../../../api/apiError.ts';
import type { CoreV1Event } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import type { Clock } from '../../../process/clock.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { AdmissionConfigurationError, configurationObject, known, record } from '../configurationObject.ts';

const TYPES = ['Server', 'Namespace', 'User', 'SourceAndObject'] as const;
type LimitType = (typeof TYPES)[number];

interface Limit {
  readonly type: LimitType;
  /** Events a second, how many at once, and for how many keys it is remembered. */
  readonly qps: number;
  readonly burst: number;
  readonly cacheSize: number;
}

/** Reads an `eventratelimit.admission.k8s.io` Configuration; throws an `AdmissionConfigurationError`. */
export function eventLimits(configuration: unknown): readonly Limit[] {
  const root = configurationObject(configuration ?? {}, 'eventratelimit.admission.k8s.io', ['v1alpha1'], 'Configuration', ['limits']);
  const limits = root['limits'];
  if (!Array.isArray(limits) || limits.length === 0) throw new AdmissionConfigurationError('limits: Invalid value: null: must not be empty');
  const faults: string[] = [];
  const read = limits.map((item: unknown, index) => readLimit(item, `limits[${index}]`, faults));
  if (faults.length > 0) throw new AdmissionConfigurationError(faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`);
  return read;
}

const SUPPORTED = TYPES.map((each) => JSON.stringify(each)).toSorted().join(', ');
const DEFAULT_CACHE_SIZE = 4_096;

function readLimit(item: unknown, field: string, faults: string[]): Limit {
  const limit = record(item, field);
  known(limit, `${field}.`, ['type', 'qps', 'burst', 'cacheSize']);
  const whole = (name: string): number => {
    const value = limit[name] ?? 0;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw new AdmissionConfigurationError(`${field}.${name}: a whole number is expected`);
    return value;
  };
  const type = TYPES.find((each) => each === limit['type']);
  if (!type) faults.push(`${field}.type: Unsupported value: ${JSON.stringify(limit['type'] ?? '')}: supported values: ${SUPPORTED}`);
  const positive = (name: string): number => {
    const value = whole(name);
    if (value <= 0) faults.push(`${field}.${name}: Invalid value: ${value}: must be positive`);
    return value;
  };
  const [burst, qps, cacheSize] = [positive('burst'), positive('qps'), whole('cacheSize')];
  if (type !== 'Server' && cacheSize < 0) faults.push(`${field}.cacheSize: Invalid value: ${cacheSize}: must not be negative`);
  return { type: type ?? 'Server', qps, burst, cacheSize: type === 'Server' ? 1 : cacheSize || DEFAULT_CACHE_SIZE };
}

/** Holds back who floods the API server with events. */
export class EventRateLimit implements AdmissionPlugin {
  readonly name = 'EventRateLimit';
  readonly #buckets: readonly { readonly limit: Limit; readonly buckets: Buckets }[];

  constructor(limits: readonly Limit[], clock: Clock) {
    this.#buckets = limits.map((limit) => ({ limit, buckets: new Buckets(limit, clock) }));
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, dryRun } = attributes;
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || definition.group !== '' || definition.plural !== 'events' || subresource !== '' || dryRun) return;
    const faults = this.#buckets.flatMap(({ limit, buckets }) => {
      const key = keyOf(limit.type, attributes);
      return buckets.take(key) ? [] : [`limit reached on type ${limit.type} for key ${key}`];
    });
    const refused = [...new Set(faults)];
    if (refused.length > 0) throw failure(429, 'TooManyRequests', `Too many requests: ${refused.length === 1 ? refused[0]! : `[${refused.join(', ')}]`}`);
  }
}

function keyOf(type: LimitType, { namespace, user, object }: AdmissionAttributes): string {
  if (type === 'Server') return '';
  if (type === 'Namespace') return namespace;
  if (type === 'User') return user.name;
  const { source, involvedObject } = object as IncomingObject<CoreV1Event>;
  return [source?.component, source?.host, involvedObject?.kind, involvedObject?.namespace, involvedObject?.name, involvedObject?.uid, involvedObject?.apiVersion].map((each) => each ?? '').join('');
}

/** A bucket of tokens for each key; the key that was used longest ago is forgotten first. */
class Buckets {
  readonly #limit: Limit;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, { tokens: number; at: number }>();

  constructor(limit: Limit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Takes a token, if there is one. */
  take(key: string): boolean {
    const { qps, burst, cacheSize } = this.#limit;
    const now = this.#clock.monotonic();
    const bucket = this.#byKey.get(key) ?? { tokens: burst, at: now };
    this.#byKey.delete(key);
    if (this.#byKey.size >= cacheSize) this.#byKey.delete(this.#byKey.keys().next().value!);
    this.#byKey.set(key, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * qps);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

import { addQuantities, compareQuantities, parseQuantity, type Quantity, quantityOf, tryParseQuantity, ZERO_QUANTITY } from '../../api/values/quantity.ts';

/** What is watched of a node (`evictionapi.Signal`). */
export const SIGNALS = ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree', 'pid.available'] as const;
export type Signal = (typeof SIGNALS)[number];

/** An amount, or a part of the whole from 0 to 1. */
export type ThresholdValue = { readonly quantity: Quantity } | { readonly part: number };

/** Below `value` the node is under pressure, until it has `reclaim` more than that. */
export interface Threshold {
  readonly signal: Signal;
  readonly value: ThresholdValue;
  readonly reclaim: ThresholdValue | undefined;
}

/** KubeletConfiguration's `evictionHard` and `evictionMinimumReclaim`: `100Mi` or `10%` by signal. */
export type EvictionSettings = Readonly<Record<string, string>>;

/** Kubernetes' own `evictionHard` for Linux. */
export const DEFAULT_EVICTION_HARD: EvictionSettings = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
};

/** Reads the settings (`ParseThresholdConfig`); a signal with 0 % or 100 % has no threshold. Throws an Error that says what is wrong. */
export function parseThresholds(hard: EvictionSettings, minimumReclaim: EvictionSettings): readonly Threshold[] {
  const reclaims = new Map(Object.entries(minimumReclaim).map(([signal, text]) => [signalOf(signal), parseReclaim(signal, text)]));
  return Object.entries(hard).flatMap(([name, text]) => {
    const signal = signalOf(name);
    const value = parseValue(name, text);
    return value === undefined ? [] : [{ signal, value, reclaim: reclaims.get(signal) }];
  });
}

function signalOf(name: string): Signal {
  const signal = SIGNALS.find((each) => each === name);
  if (!signal) throw new Error(`unsupported eviction signal ${name}`);
  return signal;
}

function parseValue(signal: string, text: string): ThresholdValue | undefined {
  const part = percentage(text);
  if (part === undefined) {
    const quantity = quantityFrom(text);
    if (compareQuantities(quantity, ZERO_QUANTITY) <= 0) throw new Error(`eviction threshold ${signal} must be positive: ${text}`);
    return { quantity };
  }
  if (part < 0) throw new Error(`eviction percentage threshold ${signal} must be >= 0%: ${text}`);
  if (part > 1) throw new Error(`eviction percentage threshold ${signal} must be <= 100%: ${text}`);
  return part === 0 || part === 1 ? undefined : { part };
}

function parseReclaim(signal: string, text: string): ThresholdValue {
  const part = percentage(text);
  if (part !== undefined) {
    if (part <= 0) throw new Error(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`);
    return { part };
  }
  const quantity = quantityFrom(text);
  if (compareQuantities(quantity, ZERO_QUANTITY) < 0) throw new Error(`negative eviction minimum reclaim specified for ${signal}`);
  return { quantity };
}

/** Kubernetes reckons in 32 bit here, which messages on large disks show. */
function percentage(text: string): number | undefined {
  if (!text.endsWith('%')) return undefined;
  const number = text.slice(0, -1);
  if (!/^-?\d+(\.\d+)?$/.test(number)) throw new Error(`"${text}" is not a percentage`);
  return Math.fround(Math.fround(Number(number)) / 100);
}

function quantityFrom(text: string): Quantity {
  if (!tryParseQuantity(text)) throw new Error(`"${text}" is not a quantity such as 100Mi, or a percentage`);
  return parseQuantity(text);
}

/** What a value comes to where the whole is `capacity` (`GetThresholdQuantity`). */
export function amountOf(value: ThresholdValue, capacity: number): Quantity {
  return 'quantity' in value ? value.quantity : quantityOf(Math.trunc(capacity * value.part), 'BinarySI');
}

/** What must be there for a threshold that was met to count as such no longer. */
export function amountToReclaim({ value, reclaim }: Threshold, capacity: number): Quantity {
  const amount = amountOf(value, capacity);
  return reclaim === undefined ? amount : addQuantities(amount, amountOf(reclaim, capacity));
}

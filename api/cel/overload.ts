import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, opaque, optionalOf, parameter, STRING, TIMESTAMP, typeOfType, UINT } from './celType.ts';
import { Meter } from '../patterns/meter.ts';
import type { Pace } from './compareInTurns.ts';
import type { CelType } from './types.ts';
import type { CelValue } from './values/value.ts';

/** One form of a function. */
export interface Overload {
  /** As messages name the function, e.g. `startsWith` or `_+_`. */
  readonly name: string;
  /** cel-go's name of this form, by which costs are told apart. */
  readonly id: string;
  /** Called as `x.f()`; x is the first of the parameters. */
  readonly member: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  /** Its value; arguments are of the declared types, and no errors. Absent of operators, which `operators.ts` has. */
  readonly run?: (...args: CelValue[]) => CelValue;
  /** As `run`, of a function whose work is not what it costs: it spends steps of the meter. */
  readonly metered?: (meter: Meter, ...args: CelValue[]) => CelValue;
  /** Instead of `run`, of a function that compares values which may be very large. */
  readonly inTurns?: (pace: Pace, ...args: CelValue[]) => Generator<void, CelValue>;
}

/** Steps that one call of such a function may take: some tens of milliseconds of work. */
export const CALL_STEPS = 3_000_000;

/** A form of a function that spends steps of a meter. */
export function metered(overload: Overload, run: (meter: Meter, ...args: never[]) => CelValue): Overload {
  const spending = run as (meter: Meter, ...args: CelValue[]) => CelValue;
  return { ...overload, run: (...args) => spending(new Meter(CALL_STEPS), ...args), metered: spending };
}

/** A form of a function that compares in turns. */
export function inTurns(overload: Overload, compare: (pace: Pace, ...args: never[]) => Generator<void, CelValue>): Overload {
  return { ...overload, inTurns: compare as (pace: Pace, ...args: CelValue[]) => Generator<void, CelValue> };
}

const NAMED: Readonly<Record<string, CelType>> = {
  bool: BOOL, bytes: BYTES, double: DOUBLE, duration: DURATION, dyn: DYN, int: INT, null: NULL, string: STRING, timestamp: TIMESTAMP, uint: UINT, type: typeOfType(),
  URL: opaque('kubernetes.URL'), Quantity: opaque('kubernetes.Quantity'), Semver: opaque('kubernetes.Semver'), Format: opaque('kubernetes.NamedFormat'), IP: opaque('net.IP'), CIDR: opaque('net.CIDR'),
  Authorizer: opaque('kubernetes.authorization.Authorizer'), PathCheck: opaque('kubernetes.authorization.PathCheck'), GroupCheck: opaque('kubernetes.authorization.GroupCheck'), ResourceCheck: opaque('kubernetes.authorization.ResourceCheck'), Decision: opaque('kubernetes.authorization.Decision'),
};

/** The type that a declaration writes: `list(A)`, `map(string, dyn)`, `optional(A)`, a single capital for a parameter. */
export function typeNamed(text: string): CelType {
  const outer = /^(\w+)\((.*)\)$/.exec(text.trim());
  if (!outer) {
    const name = text.trim();
    const known = NAMED[name];
    if (known) return known;
    if (/^[A-Z]$/.test(name)) return parameter(name);
    throw new Error(`a declaration names no type: ${text}`);
  }
  const inner = splitTypes(outer[2]!).map(typeNamed);
  if (outer[1] === 'list') return listOf(inner[0]!);
  if (outer[1] === 'map') return mapOf(inner[0]!, inner[1]!);
  return outer[1] === 'optional' ? optionalOf(inner[0]!) : typeOfType(inner[0]);
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  const last = text.slice(from);
  return last.trim() === '' ? parts : [...parts, last];
}

const SIGNATURE = /^\((.*)\) -> (.+)$/;

/** Declares a form that is called on its first argument: `member('string', 'startsWith', '(string) -> bool', 'starts_with_string', …)`. */
export function member(target: string, name: string, signature: string, id: string, run?: (...args: never[]) => CelValue): Overload {
  return make(name, true, signature, id, run, target);
}

/** Declares a form that stands alone, perhaps in a name space: `global('ip.isCanonical', '(string) -> bool', …)`. */
export function global(name: string, signature: string, id: string, run?: (...args: never[]) => CelValue): Overload {
  return make(name, false, signature, id, run);
}

function make(name: string, isMember: boolean, signature: string, id: string, run: ((...args: never[]) => CelValue) | undefined, target?: string): Overload {
  const parts = SIGNATURE.exec(signature);
  if (!parts) throw new Error(`no signature: ${signature}`);
  const parameters = [...(target === undefined ? [] : [target]), ...splitTypes(parts[1]!)].map(typeNamed);
  return { name, id, member: isMember, parameters, result: typeNamed(parts[2]!), ...(run ? { run: run as (...args: CelValue[]) => CelValue } : {}) };
}

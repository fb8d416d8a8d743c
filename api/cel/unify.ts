import { DYN, ERROR, isDyn, sameType } from './celType.ts';
import type { CelType } from './types.ts';

/** What type parameters stand for. Tried on a copy, and taken over where all fits. */
export type Substitution = Map<string, CelType>;

const NULLABLE = new Set(['object', 'timestamp', 'duration', 'opaque']);

/** Whether values of the types may go where those of others are asked for; binds parameters, for all or for none of them. */
export function assignable(substitution: Substitution, actual: readonly CelType[], wanted: readonly CelType[]): boolean {
  const trial = new Map(substitution);
  if (!actual.every((each, index) => fits(trial, each, wanted[index]!))) return false;
  for (const [name, type] of trial) substitution.set(name, type);
  return true;
}

function fits(bound: Substitution, actual: CelType, wanted: CelType): boolean {
  if (wanted.kind === 'parameter') return bind(bound, wanted.name, actual);
  if (actual.kind === 'parameter') return bind(bound, actual.name, wanted);
  if (isDyn(actual) || isDyn(wanted)) return true;
  if (actual.kind === 'null') return wanted.kind === 'null' || NULLABLE.has(wanted.kind);
  if (wanted.kind === 'null') return NULLABLE.has(actual.kind);
  if (actual.kind !== wanted.kind) return false;
  if (actual.kind === 'list') return fits(bound, actual.element, (wanted as typeof actual).element);
  if (actual.kind === 'map') return fits(bound, actual.key, (wanted as typeof actual).key) && fits(bound, actual.value, (wanted as typeof actual).value);
  if (actual.kind === 'opaque') {
    const { name, parameters } = wanted as typeof actual;
    return actual.name === name && parameters.length === actual.parameters.length && actual.parameters.every((each, index) => fits(bound, each, parameters[index]!));
  }
  return actual.kind === 'type' || sameType(actual, wanted);
}

function bind(bound: Substitution, name: string, type: CelType): boolean {
  const before = bound.get(name);
  if (type.kind === 'parameter' && type.name === name) return true;
  if (!before) {
    const resolved = substitute(bound, type);
    if (mentions(resolved, name)) return resolved.kind === 'parameter';
    bound.set(name, resolved);
    return true;
  }
  if (!fits(bound, type, before)) return false;
  const general = mostGeneral(substitute(bound, type), before);
  if (!mentions(general, name)) bound.set(name, general);
  return true;
}

function mentions(type: CelType, name: string): boolean {
  switch (type.kind) {
    case 'parameter':
      return type.name === name;
    case 'list':
      return mentions(type.element, name);
    case 'map':
      return mentions(type.key, name) || mentions(type.value, name);
    case 'opaque':
      return type.parameters.some((each) => mentions(each, name));
    case 'type':
      return type.of !== undefined && mentions(type.of, name);
    default:
      return false;
  }
}

/** Of two types that fit, the one that says less. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isLessSpecific(a, b) ? a : b;
}

function isLessSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'parameter') return true;
  if (isDyn(b) || b.kind === 'parameter') return false;
  if (a.kind === 'null') return false;
  if (a.kind !== b.kind) return b.kind === 'null';
  if (a.kind === 'list') return isLessSpecific(a.element, (b as typeof a).element);
  if (a.kind === 'map') return isLessSpecific(a.key, (b as typeof a).key) && isLessSpecific(a.value, (b as typeof a).value);
  if (a.kind === 'opaque') return a.parameters.every((each, index) => isLessSpecific(each, (b as typeof a).parameters[index] ?? ERROR));
  return true;
}

/** A type with its parameters replaced; those that stand for nothing become `dyn` where `free` is false. */
export function substitute(bound: Substitution, type: CelType, free = true): CelType {
  switch (type.kind) {
    case 'parameter': {
      const known = bound.get(type.name);
      return known ? substitute(bound, known, free) : free ? type : DYN;
    }
    case 'list':
      return { ...type, element: substitute(bound, type.element, free) };
    case 'map':
      return { ...type, key: substitute(bound, type.key, free), value: substitute(bound, type.value, free) };
    case 'opaque':
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map((each) => substitute(bound, each, free)) };
    case 'type':
      return type.of ? { ...type, of: substitute(bound, type.of, free) } : type;
    default:
      return type;
  }
}

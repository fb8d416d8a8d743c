import { invalid, type FieldError } from '../fieldError.ts';
import { nonNegative } from '../validation/fields.ts';

type Counts<K extends string> = Partial<Record<K, number>> | undefined;

/** Counts of a status are not negative. */
export function validateCounts<K extends string>(status: Counts<K>, names: readonly K[]): FieldError[] {
  return names.flatMap((name) => nonNegative(`status.${name}`, status?.[name]));
}

/** Of all replicas, no part is more than the whole. */
export function validateParts<K extends string>(status: Counts<K | 'replicas'>, parts: readonly K[]): FieldError[] {
  const whole = status?.replicas ?? 0;
  return parts.flatMap((name) => ((status?.[name] ?? 0) > whole ? [invalid(`status.${name}`, status?.[name], 'cannot be greater than status.replicas')] : []));
}

/** Who is available is ready. `message` differs between kinds. */
export function validateAvailable(status: Counts<'readyReplicas' | 'availableReplicas'>, message = 'cannot be greater than readyReplicas'): FieldError[] {
  const available = status?.availableReplicas ?? 0;
  return available > (status?.readyReplicas ?? 0) ? [invalid('status.availableReplicas', available, message)] : [];
}

/** Collisions of names are only ever added to. */
export function validateCollisions(now: number | undefined, before: number | undefined): FieldError[] {
  return before !== undefined && (now === undefined || now < before) ? [invalid('status.collisionCount', now, 'cannot be decremented')] : [];
}

import type { FieldError } from '../../api/fieldError.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';

/**
 * The faults for which an update may be refused: not those that the stored object has, too, at a place that the update leaves as it is. So an object that was
 * accepted when a rule was laxer can still be changed elsewhere, and its finalizers be taken away (the ratcheting of Kubernetes' declarative validation, which does so for every field).
 */
export function newFaults(errors: readonly FieldError[], object: object, previous: object, faultsOfPrevious: () => readonly FieldError[]): readonly FieldError[] {
  if (errors.length === 0) return errors;
  const unchanged = errors.filter(({ field }) => field !== '' && isUnchanged(field, object, previous));
  if (unchanged.length === 0) return errors;
  const known = new Set(faultsOfPrevious().map(identityOf));
  const forgiven = new Set(unchanged.filter((error) => known.has(identityOf(error))));
  return forgiven.size === 0 ? errors : errors.filter((error) => !forgiven.has(error));
}

const identityOf = ({ type, field, message }: FieldError): string => JSON.stringify([type, field, message]);

/** Whether both have the same value at a field's path; where one of them has nothing there, at the last step of the way that both have. */
function isUnchanged(field: string, object: object, previous: object): boolean {
  let [now, before]: [unknown, unknown] = [object, previous];
  let taken = 0;
  for (const step of stepsOf(field)) {
    const [next, old] = [memberOf(now, step), memberOf(before, step)];
    if (next === undefined || old === undefined) break;
    [now, before] = [next, old];
    taken += 1;
  }
  return taken > 0 && deepEqual(now, before);
}

/** The steps of a path such as `spec.rules[0].host` or `metadata.labels[a.b/c]`. */
function stepsOf(field: string): string[] {
  return [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([whole, inner]) => inner ?? whole);
}

function memberOf(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  // The path of a Service's source ranges begins with a capital.
  const name = Object.hasOwn(value, step) ? step : `${step.charAt(0).toLowerCase()}${step.slice(1)}`;
  return Object.hasOwn(value, name) ? ((value as Readonly<Record<string, unknown>>)[name] ?? undefined) : undefined;
}

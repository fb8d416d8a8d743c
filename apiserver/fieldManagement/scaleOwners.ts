import { difference, has, isEmpty, setOf, union } from './fieldSet.ts';
import { ownerIdentity, type FieldOwner } from './managedFields.ts';
import { fieldElement, type FieldPath } from './pathElement.ts';

const SCALE_VERSION = 'autoscaling/v1';
const REPLICAS: FieldPath = [fieldElement('spec'), fieldElement('replicas')];

/** The path of a dotted path of a definition (`.spec.replicas`). */
export const dottedPath = (path: string): FieldPath => path.split('.').filter((step) => step !== '').map(fieldElement);

/** The owners of an object's replicas, as owners of its scale. `replicasIn` is undefined for a version that is not known. */
export function toScaleOwners(owners: ReadonlyMap<string, FieldOwner>, replicasIn: (apiVersion: string) => FieldPath | undefined): Map<string, FieldOwner> {
  const scale = new Map<string, FieldOwner>();
  for (const [identity, owner] of owners) {
    const path = replicasIn(owner.apiVersion);
    if (path && has(owner.fields, path)) scale.set(identity, { ...owner, apiVersion: SCALE_VERSION, fields: setOf(REPLICAS) });
  }
  return scale;
}

/**
 * The owners of the object after its scale was written: who lost the scale's replicas loses the object's, and who got them owns these, in the
 * version that the scale was reached by, without a time, as upstream takes times from the object only. `after` goes by the identities that `toScaleOwners` gave.
 */
export function fromScaleOwners(
  owners: ReadonlyMap<string, FieldOwner>,
  after: ReadonlyMap<string, FieldOwner>,
  apiVersion: string,
  replicasIn: (apiVersion: string) => FieldPath | undefined,
): Map<string, FieldOwner> {
  const result = new Map<string, FieldOwner>();
  const own = replicasIn(apiVersion)!;
  for (const [identity, owner] of owners) {
    const path = replicasIn(owner.apiVersion);
    if (!path) continue;
    if (!has(owner.fields, path) || after.has(identity)) {
      result.set(identity, owner);
      continue;
    }
    const fields = difference(owner.fields, setOf(path));
    if (!isEmpty(fields)) result.set(identity, { ...owner, fields });
  }
  for (const [identity, owner] of after) {
    if (owners.has(identity) || !has(owner.fields, REPLICAS)) continue;
    const { time: _ofScale, ...untimed } = owner;
    const made: FieldOwner = { ...untimed, apiVersion, fields: setOf(own) };
    const known = result.get(ownerIdentity(made));
    result.set(ownerIdentity(made), known ? { ...made, ...(known.time === undefined ? {} : { time: known.time }), fields: union(known.fields, made.fields) } : made);
  }
  return result;
}

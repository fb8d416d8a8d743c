import { union } from './fieldSet.ts';
import { ownerIdentity, type FieldOwner } from './managedFields.ts';

/** Upstream's `DefaultMaxUpdateManagers`. */
export const MAX_UPDATE_OWNERS = 10;
const ANCIENT = 'ancient-changes';

/** Joins, in place, the oldest updaters of a version into one entry, as far as there are more than ten updaters. */
export function capOwners(owners: Map<string, FieldOwner>): Map<string, FieldOwner> {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update');
  if (updaters.length <= MAX_UPDATE_OWNERS) return owners;
  updaters.sort(([a, first], [b, second]) => compare(first.time ?? '', second.time ?? '') || compare(a, b));
  const firstOf = new Map<string, string>();
  let count = updaters.length;
  for (const [identity, { apiVersion }] of updaters) {
    if (count <= MAX_UPDATE_OWNERS) break;
    const owner = owners.get(identity)!;
    const first = firstOf.get(apiVersion);
    if (first === undefined) {
      firstOf.set(apiVersion, identity);
      continue;
    }
    const name = { manager: ANCIENT, operation: 'Update', apiVersion, subresource: '' } as const;
    const bucket = ownerIdentity(name);
    const begun = owners.get(bucket) ?? owners.get(first)!;
    if (!owners.has(bucket)) owners.delete(first);
    owners.delete(identity);
    owners.set(bucket, { ...name, ...(owner.time === undefined ? {} : { time: owner.time }), fields: union(owner.fields, begun.fields) });
    count -= 1;
  }
  return owners;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

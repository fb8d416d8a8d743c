import type { V1ManagedFieldsEntry } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { isEmpty, parseFieldSet, sorted, type FieldSet } from './fieldSet.ts';

export type ManagedOperation = 'Apply' | 'Update';

/** Who owns a set of fields: one entry of `metadata.managedFields`. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: ManagedOperation;
  /** The version in which the fields are named. */
  readonly apiVersion: string;
  /** `''` for the object itself. */
  readonly subresource: string;
  /** When fields were taken last; an apply that changed nothing leaves it out. */
  readonly time?: string;
  readonly fields: FieldSet;
  /** The stored entry that it was read from; it is written again where nothing in it changed. */
  readonly entry?: V1ManagedFieldsEntry;
}

/** All owners by their identity. */
export type Owners = ReadonlyMap<string, FieldOwner>;

type OwnerName = Pick<FieldOwner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** What makes two entries one: an update counts by version, an apply does not. The text also orders owners of the same time. */
export function ownerIdentity({ manager, operation, apiVersion, subresource }: OwnerName): string {
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' || apiVersion === '' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

/** Reads entries that were stored, which are sound. */
export function readOwners(entries: readonly V1ManagedFieldsEntry[] | undefined): Map<string, FieldOwner> {
  const owners = new Map<string, FieldOwner>();
  for (const entry of entries ?? []) {
    const owner = { ...ownerOf(entry, (entry.fieldsV1 ?? {}) as FieldSet), entry };
    owners.set(ownerIdentity(owner), owner);
  }
  return owners;
}

/** Reads entries that a client sent; undefined where one of them is not sound. */
export function parseOwners(entries: readonly V1ManagedFieldsEntry[]): Map<string, FieldOwner> | undefined {
  const owners = new Map<string, FieldOwner>();
  for (const entry of entries) {
    if ((entry.operation !== 'Apply' && entry.operation !== 'Update') || !entry.apiVersion || entry.fieldsType !== 'FieldsV1') return undefined;
    const fields = parseFieldSet(entry.fieldsV1 ?? {});
    if (!fields) return undefined;
    const owner = ownerOf(entry, fields);
    owners.set(ownerIdentity(owner), owner);
  }
  return owners;
}

function ownerOf(entry: V1ManagedFieldsEntry, fields: FieldSet): FieldOwner {
  return {
    manager: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    ...(entry.time ? { time: entry.time } : {}),
    fields,
  };
}

/** `managedFields: [{}]` asks to forget all owners; an empty list comes from a client that does not know of them. */
export function isReset(entries: readonly V1ManagedFieldsEntry[] | undefined): boolean {
  return entries?.length === 1 && Object.values(entries[0]!).every((value) => value === undefined);
}

/**
 * The owners that a write starts from: those of the stored object, unless the client sent other ones that are sound. Through a subresource
 * nobody changes them by hand.
 */
export function ownersOfWrite(stored: readonly V1ManagedFieldsEntry[] | undefined, sent: readonly V1ManagedFieldsEntry[] | undefined, subresource: string): Map<string, FieldOwner> {
  if (subresource !== '' || sent === undefined || sent.length === 0) return readOwners(stored);
  if (isReset(sent)) return new Map();
  if (sent === stored || deepEqual(sent, stored)) return readOwners(stored);
  return parseOwners(sent) ?? readOwners(stored);
}

/** The entries in upstream's order; undefined where there is no owner. Owners of nothing are left out by whoever made them so. */
export function writeOwners(owners: Owners): V1ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(compareOwners).map(writeOwner);
}

function writeOwner({ manager, operation, apiVersion, subresource, time, fields, entry }: FieldOwner): V1ManagedFieldsEntry {
  if (entry && entry.fieldsV1 === fields && entry.time === time && entry.apiVersion === apiVersion && (entry.subresource ?? '') === subresource) return entry;
  return {
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: sorted(fields),
    ...(subresource === '' ? {} : { subresource }),
  };
}

function compareOwners(a: FieldOwner, b: FieldOwner): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether two lists of entries say the same but for their times, and for the order that hangs on them. */
export function sameButTimes(a: readonly V1ManagedFieldsEntry[] | undefined, b: readonly V1ManagedFieldsEntry[] | undefined): boolean {
  if (a === b) return true;
  if ((a?.length ?? 0) !== (b?.length ?? 0)) return false;
  if (a?.every((entry, index) => entry === b?.[index])) return true;
  const [mine, theirs] = [readOwners(a), readOwners(b)];
  for (const [identity, owner] of mine) {
    const other = theirs.get(identity);
    if (!other || owner.apiVersion !== other.apiVersion || !deepEqual(owner.fields, other.fields)) return false;
  }
  return true;
}

/** Owners without those that own nothing. */
export function withoutEmpty(owners: Map<string, FieldOwner>): Map<string, FieldOwner> {
  for (const [identity, { fields }] of owners) if (isEmpty(fields)) owners.delete(identity);
  return owners;
}

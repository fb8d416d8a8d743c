import { ApiError, failure } from '../../api/apiError.ts';
import { difference, isEmpty, pathsOf, union, EMPTY, type FieldSet } from './fieldSet.ts';
import type { FieldOwner } from './managedFields.ts';
import { showPath } from './pathElement.ts';

/** Fields that an apply would change, and that somebody else owns. */
export interface FieldConflict {
  readonly owner: FieldOwner;
  readonly fields: FieldSet;
}

/** An apply was not forced and met conflicts; the Status is upstream's `NewApplyConflict`. */
export class ApplyConflictError extends ApiError {
  readonly conflicts: readonly FieldConflict[];

  constructor(conflicts: readonly FieldConflict[]) {
    super(conflictStatus(conflicts).status);
    this.conflicts = conflicts;
  }

  get fields(): FieldSet {
    return this.conflicts.reduce((all, { fields }) => union(all, fields), EMPTY);
  }

  /** The conflicts without those in a set; undefined where none is left. */
  without(allowed: FieldSet): ApplyConflictError | undefined {
    const left = this.conflicts.map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmpty(fields));
    return left.length === 0 ? undefined : new ApplyConflictError(left);
  }
}

function conflictStatus(conflicts: readonly FieldConflict[]): ApiError {
  const named = conflicts.map(({ owner, fields }) => ({ name: showOwner(owner), paths: pathsOf(fields).map(showPath) }));
  const causes = named.flatMap(({ name, paths }) => paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })));
  return failure(409, 'Conflict', message(named), { causes });
}

function message(conflicts: readonly { readonly name: string; readonly paths: readonly string[] }[]): string {
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${conflicts[0]!.name}: ${conflicts[0]!.paths[0]}`;
  const lines = conflicts.flatMap(({ name, paths }) => [`conflicts with ${name}:`, ...paths.map((path) => `- ${path}`)]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

/** `"kubectl" using apps/v1`, `"kubelet" with subresource "status" using v1`; an applier goes by its name alone. */
function showOwner({ manager, operation, apiVersion, subresource }: FieldOwner): string {
  const name = `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

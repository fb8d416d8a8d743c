import { CREATION_DESCRIPTION } from '../../api/customResources/columns.ts';
import { badRequest } from '../../api/apiError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { ResourceDefinition, RowCondition, TableColumn } from '../../api/resourceDefinition.ts';
import type { ServedResource } from '../registry.ts';
import { describeColumns } from './columnDescriptions.ts';
import { partialMetadata } from './partialMetadata.ts';

/** How much of each object a row carries (`includeObject`). */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[];
  readonly conditions?: readonly RowCondition[];
  readonly object?: unknown;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly columnDefinitions: readonly ColumnDefinition[];
  readonly rows: readonly TableRow[];
}

const NAME: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: { of: 'V1ObjectMeta.name' },
  priority: 0,
  value: (object) => object.metadata.name,
};

const CREATED_AT: TableColumn = {
  name: 'Created At',
  type: 'date',
  description: CREATION_DESCRIPTION,
  priority: 0,
  value: (object) => object.metadata.creationTimestamp,
};

/** The columns of a kind: its own behind the name, or the default pair. A kind that brings a column `Name` orders them itself. */
export function columnsOf(served: ServedResource): readonly TableColumn[] {
  const own = served.definition.columns;
  if (!own) return [NAME, CREATED_AT];
  return own.some(({ name }) => name === 'Name') ? own : [NAME, ...own];
}

export function columnDefinitions(columns: readonly TableColumn[]): ColumnDefinition[] {
  const descriptions = describeColumns(columns);
  return columns.map(({ name, type, format, priority }, index) => ({ name, type, format: format ?? '', description: descriptions[index]!, priority }));
}

/** One object's line; `now` is wall-clock milliseconds. */
export function rowOf({ rowConditions }: ResourceDefinition, columns: readonly TableColumn[], object: KubeObject, include: IncludeObject, now: number, apiVersion: string): TableRow {
  const conditions = rowConditions?.(object);
  const row = { cells: columns.map((column) => column.value(object, now)), ...(conditions ? { conditions } : {}) };
  if (include === 'None') return { ...row, object: null };
  return { ...row, object: include === 'Object' ? object : partialMetadata(object, apiVersion) };
}

/** Reads the query's `includeObject`. Throws a 400 for what it cannot be. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Object' || value === 'Metadata') return value;
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`);
}

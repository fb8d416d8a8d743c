import type { V1CustomResourceColumnDefinition } from '../generated/types.ts';
import type { TableColumn } from '../resourceDefinition.ts';
import { ageOf } from '../values/duration.ts';
import { compileJsonPath } from './jsonPath.ts';

const NAME: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
  value: (object) => object.metadata.name,
};

/** What a definition gets that names no columns. */
const AGE: V1CustomResourceColumnDefinition = { name: 'Age', type: 'date', description: 'When the object was created.', jsonPath: '.metadata.creationTimestamp' };

/** The columns of `kubectl get`: the name, then what the definition names. */
export function customColumns(columns: readonly V1CustomResourceColumnDefinition[] | undefined): readonly TableColumn[] {
  return [NAME, ...(columns === undefined || columns.length === 0 ? [AGE] : columns).map(column)];
}

function column({ name, type, format, description, priority, jsonPath }: V1CustomResourceColumnDefinition): TableColumn {
  const read = compileJsonPath(jsonPath);
  return {
    name,
    type: type as TableColumn['type'],
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
    value: (object, now) => cell(type, read(object)[0], now),
  };
}

function cell(type: string, value: unknown, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now);
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

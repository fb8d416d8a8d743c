import { goJson } from '../values/goPrint.ts';
import type { V1CustomResourceColumnDefinition } from '../generated/types.ts';
import type { TableColumn } from '../resourceDefinition.ts';
import { ageOf } from '../values/duration.ts';
import { compileJsonPath, JsonPathError } from './jsonPath.ts';

const NAME: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: { of: 'V1ObjectMeta.name' },
  priority: 0,
  value: (object) => object.metadata.name,
};

/** As it stands in Kubernetes' own types, with the line breaks that are lost in the published models. */
export const CREATION_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

/** What a definition gets that names no columns. */
const AGE: V1CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description: CREATION_DESCRIPTION,
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns of `kubectl get`: the name, then what the definition names, up to a path that cannot be read. */
export function customColumns(columns: readonly V1CustomResourceColumnDefinition[] | undefined): readonly TableColumn[] {
  const made: TableColumn[] = [NAME];
  for (const each of columns === undefined || columns.length === 0 ? [AGE] : columns) {
    try {
      made.push(column(each));
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
      break;
    }
  }
  return made;
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
  if (value === undefined) return null;
  // As Go prints what is nothing.
  if (value === null) return type === 'string' ? '<no value>' : null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return value !== '' && Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now);
    default:
      return typeof value === 'string' ? value : goJson(value);
  }
}

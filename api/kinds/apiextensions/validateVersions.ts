import type { V1CustomResourceColumnDefinition, V1CustomResourceDefinitionVersion, V1CustomResourceSubresources, V1SelectableField } from '../../generated/types.ts';
import { duplicate, invalid, required, tooMany, type FieldError } from '../../fieldError.ts';
import { validateDns1035Label } from '../../validation/names.ts';
import { deepEqual } from '../../values/deepEqual.ts';
import { isRecord, propertyOf } from '../../customResources/jsonSchema.ts';
import type { JsonSchema } from '../../customResources/jsonSchema.ts';
import { compileJsonPath, JsonPathError, plainSteps } from '../../customResources/jsonPath.ts';
import { validateSchema } from '../../customResources/validateSchema.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;

type Version = V1CustomResourceDefinitionVersion;

/** The versions of a definition, with `spec.versions` as their field. */
export function validateVersions(versions: readonly Version[]): FieldError[] {
  const field = 'spec.versions';
  const errors: FieldError[] = [];
  for (const [index, { schema }] of versions.entries()) if (!schema?.openAPIV3Schema) errors.push(required(`${field}[${index}].schema.openAPIV3Schema`, 'schemas are required'));
  for (const [index, version] of versions.entries()) {
    const messages = validateDns1035Label(version.name ?? '');
    if (messages.length > 0) errors.push(invalid(`${field}[${index}].name`, version.name, messages.join(',')));
    errors.push(...validateWarning(version).map((message) => invalid(`${field}[${index}].deprecationWarning`, version.deprecationWarning, message)));
  }
  errors.push(...validateParts(versions));
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) errors.push(invalid(field, versions, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(invalid(field, versions, 'must have exactly one version marked as storage version'));
  return errors;
}

function validateWarning({ deprecated, deprecationWarning: warning }: Version): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const messages = Buffer.byteLength(warning) > 256 ? ['must be <= 256 characters long'] : [];
  if (warning === '') messages.push('must not be an empty string');
  const at = warning.search(/[^\P{C}]|[^\P{Z} ]/u);
  if (at >= 0) messages.push(`must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(warning.slice(0, at))}`);
  return messages;
}

/**
 * Schemas, subresources, columns and selectable fields. What all versions have alike stood above them in v1beta1, and upstream, which still keeps
 * definitions in that form, names it so.
 */
function validateParts(versions: readonly Version[]): FieldError[] {
  const alike = (part: (version: Version) => unknown): boolean => versions.every((each) => deepEqual(part(each), part(versions[0]!)));
  const each = (isAlike: boolean, validate: (version: Version, path: string) => FieldError[]): FieldError[] =>
    isAlike ? validate(versions[0]!, 'spec') : versions.flatMap((version, index) => validate(version, `spec.versions[${index}]`));
  if (versions.length === 0) return [];
  const oneSchema = alike(({ schema }) => schema);
  return [
    ...each(oneSchema && alike(hasStatus), (version, path) => {
      const schema = version.schema?.openAPIV3Schema;
      return schema ? validateSchema(schema, hasStatus(version), `${path}.${oneSchema ? 'validation' : 'schema'}.openAPIV3Schema`) : [];
    }),
    ...each(alike(({ subresources }) => subresources), ({ subresources }, path) => validateSubresources(subresources, `${path}.subresources`)),
    ...each(alike(({ additionalPrinterColumns }) => additionalPrinterColumns), ({ additionalPrinterColumns = [] }, path) => additionalPrinterColumns.flatMap((column, index) => validateColumn(column, `${path}.additionalPrinterColumns[${index}]`))),
    ...each(alike(({ selectableFields }) => selectableFields), ({ selectableFields = [], schema }, path) => validateSelectable(selectableFields, schema?.openAPIV3Schema ?? {}, `${path}.selectableFields`)),
  ];
}

const hasStatus = ({ subresources }: Version): boolean => isRecord(subresources?.status);

function validateSubresources(subresources: V1CustomResourceSubresources | undefined, path: string): FieldError[] {
  if (!subresources?.scale) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = subresources.scale;
  return [
    ...validatePath(`${path}.scale.specReplicasPath`, specReplicasPath, ['.spec.'], 'should be a json path under .spec'),
    ...validatePath(`${path}.scale.statusReplicasPath`, statusReplicasPath, ['.status.'], 'should be a json path under .status'),
    ...(labelSelectorPath ? validatePath(`${path}.scale.labelSelectorPath`, labelSelectorPath, ['.spec.', '.status.'], 'should be a json path under either .spec or .status') : []),
  ];
}

function validatePath(field: string, path: string | undefined, roots: readonly string[], detail: string): FieldError[] {
  if (!path) return [required(field)];
  if (!path.startsWith('.')) return [invalid(field, path, 'must be a simple json path starting with .')];
  return roots.some((root) => path.startsWith(root)) ? [] : [invalid(field, path, detail)];
}

function validateColumn({ name, type, format, jsonPath }: V1CustomResourceColumnDefinition, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!type) errors.push(required(`${path}.type`, types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${path}.type`, type, types));
  if (format && !COLUMN_FORMATS.includes(format)) errors.push(invalid(`${path}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  if (!jsonPath) return [...errors, required(`${path}.JSONPath`)];
  if (!jsonPath.startsWith('.')) return [...errors, invalid(`${path}.JSONPath`, jsonPath, 'must be a simple json path starting with .')];
  try {
    compileJsonPath(jsonPath);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    errors.push(invalid(`${path}.JSONPath`, jsonPath, `unrecognized column definition ${JSON.stringify(jsonPath)}`));
  }
  return errors;
}

function validateSelectable(fields: readonly V1SelectableField[], schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`;
    if (!jsonPath) {
      errors.push(required(at));
      continue;
    }
    const steps = plainSteps(jsonPath);
    let found: JsonSchema | undefined = schema;
    for (const step of steps) found = found && propertyOf(found, step);
    if (!jsonPath.startsWith('.') || jsonPath.includes('[') || (steps[0] !== 'metadata' && !found)) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${invalidPath(jsonPath, steps, schema)}`));
      continue;
    }
    if (steps[0] === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found?.type ?? '')) errors.push(invalid(at, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'));
    if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
  }
  if (seen.size > MAX_SELECTABLE_FIELDS) errors.push(tooMany(path, seen.size, MAX_SELECTABLE_FIELDS));
  return errors;
}

/** Why a path leads to no field of the schema (`cel.ValidFieldPath`). */
function invalidPath(jsonPath: string, steps: readonly string[], schema: JsonSchema): string {
  if (!jsonPath.startsWith('.')) return `expected [ or . but got: ${jsonPath}`;
  if (jsonPath.includes('[')) return 'array notation is not allowed';
  let at: JsonSchema | undefined = schema;
  const unknown = steps.find((step) => (at = at && propertyOf(at, step)) === undefined);
  return `does not refer to a valid field${unknown === undefined ? '' : `: ${unknown}`}`;
}

import type { V1CustomResourceColumnDefinition, V1CustomResourceDefinitionVersion, V1CustomResourceSubresources, V1SelectableField } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, required, tooMany } from '../../fieldError.ts';
import { validateDns1035Label } from '../../validation/names.ts';
import { deepEqual } from '../../values/deepEqual.ts';
import { goVersions } from '../../customResources/goForm.ts';
import type { SharedParts } from '../../customResources/goForm.ts';
import { isRecord } from '../../values/isRecord.ts';
import type { JsonSchema } from '../../customResources/jsonSchema.ts';
import { followPath } from '../../customResources/ruleFieldPath.ts';
import { validateSchema } from '../../customResources/validateSchema.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;

type Version = V1CustomResourceDefinitionVersion;

/** The versions of a definition, with `spec.versions` as their field. */
export function validateVersions(given: readonly Version[] | undefined): FieldError[] {
  const versions = given ?? [];
  const field = 'spec.versions';
  const shared = sharedParts(versions);
  const errors = versions.flatMap((version, index) => validateVersion(version, shared, `${field}[${index}]`));
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) errors.push(invalid(field, goVersions(versions, shared), 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(invalid(field, given ? goVersions(versions, shared) : null, 'must have exactly one version marked as storage version'));
  // Upstream keeps the first one's name once more, as v1beta1 did.
  if (names[0]) append(errors, label('spec.version', names[0]));
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

/** Which parts all versions have alike. Upstream keeps these once, above the versions, as v1beta1 did, and names them so in errors. */
function sharedParts(versions: readonly Version[]): SharedParts {
  const isAlike = (part: (version: Version) => unknown): boolean => versions.every((each) => deepEqual(part(each), part(versions[0]!)));
  return {
    schema: isAlike(({ schema }) => schema),
    subresources: isAlike(({ subresources }) => subresources),
    columns: isAlike(({ additionalPrinterColumns }) => additionalPrinterColumns),
    fields: isAlike(({ selectableFields }) => selectableFields),
  };
}

function validateVersion(version: Version, shared: SharedParts, path: string): FieldError[] {
  const { name = '', deprecationWarning, schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = version as Partial<Version>;
  const errors = label(`${path}.name`, name);
  append(errors, validateWarning(version).map((message) => invalid(`${path}.deprecationWarning`, deprecationWarning, message)));
  if (!shared.schema && schema?.openAPIV3Schema) append(errors, validateSchema(schema.openAPIV3Schema, hasStatus(version), `${path}.schema.openAPIV3Schema`));
  if (!shared.subresources) append(errors, validateSubresources(subresources, `${path}.subresources`));
  if (!shared.columns) append(errors, validateColumns(additionalPrinterColumns, path));
  if (shared.fields || selectableFields.length === 0) return errors;
  // Upstream looks for the schema beside the fields, where it is not if the versions have it together.
  if (shared.schema) return [...errors, invalid(`${path}.selectableFields`, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
  return [...errors, ...validateSelectable(selectableFields, schema?.openAPIV3Schema ?? {}, `${path}.selectableFields`)];
}

const label = (field: string, name: string): FieldError[] => {
  const messages = validateDns1035Label(name);
  return messages.length === 0 ? [] : [invalid(field, name, messages.join(','))];
};

/** What all versions have alike, with `spec` as its field. */
export function validateShared(versions: readonly Version[]): FieldError[] {
  const [first] = versions;
  if (!first) return [];
  const shared = sharedParts(versions);
  const schema = first.schema?.openAPIV3Schema;
  const errors = shared.schema && schema ? validateSchema(schema, versions.some(hasStatus), 'spec.validation.openAPIV3Schema') : [];
  if (shared.subresources) append(errors, validateSubresources(first.subresources, 'spec.subresources'));
  if (shared.columns) append(errors, validateColumns(first.additionalPrinterColumns ?? [], 'spec'));
  if (!shared.fields || !first.selectableFields?.length) return errors;
  // As for a version: the schema is looked for beside the fields.
  if (!shared.schema) return [...errors, invalid('spec.selectableFields', '', 'may only be set when validations.schema is included')];
  return [...errors, ...validateSelectable(first.selectableFields, schema ?? {}, 'spec.selectableFields')];
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

const validateColumns = (columns: readonly V1CustomResourceColumnDefinition[], path: string): FieldError[] => columns.flatMap((column, index) => validateColumn(column, `${path}.additionalPrinterColumns[${index}]`));

function validateColumn({ name, type, format, jsonPath }: V1CustomResourceColumnDefinition, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!type) errors.push(required(`${path}.type`, types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${path}.type`, type, types));
  if (format && !COLUMN_FORMATS.includes(format)) errors.push(invalid(`${path}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  if (!jsonPath) errors.push(required(`${path}.JSONPath`));
  else if (!jsonPath.startsWith('.')) errors.push(invalid(`${path}.JSONPath`, jsonPath, 'must be a simple json path starting with .'));
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
    const found = followPath(jsonPath, schema, false);
    if ('fault' in found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found.fault}`));
      continue;
    }
    if (found.root === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema?.type ?? '')) errors.push(invalid(at, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'));
    if (seen.has(found.shown)) errors.push(duplicate(at, jsonPath));
    seen.add(found.shown);
  }
  if (seen.size > MAX_SELECTABLE_FIELDS) errors.push(tooMany(path, seen.size, MAX_SELECTABLE_FIELDS));
  return errors;
}

import type { V1CustomResourceConversion, V1CustomResourceDefinition, V1CustomResourceDefinitionNames, V1CustomResourceDefinitionVersion } from '../../generated/types.ts';
import { forbidden, invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, oneOf, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1035Label, validateDns1123Subdomain } from '../../validation/names.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

/** The definition itself; whether its schemas are structural is for whoever serves them to judge. */
export function validateCustomResourceDefinition({ metadata, spec }: IncomingObject<V1CustomResourceDefinition>): FieldError[] {
  const names = spec?.names;
  const group = spec?.group ?? '';
  const errors: FieldError[] = [];
  if (metadata.name !== `${names?.plural ?? ''}.${group}`) errors.push(invalid('metadata.name', metadata.name ?? '', 'must be spec.names.plural+"."+spec.group'));
  if (group === '') errors.push(required('spec.group'));
  else errors.push(...invalidEach('spec.group', group, validateDns1123Subdomain(group)));
  if (group !== '' && !group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  errors.push(...oneOf('spec.scope', spec?.scope, ['Cluster', 'Namespaced']), ...validateVersions(spec?.versions ?? []), ...validateNames('spec.names', names));
  return [...errors, ...validateConversion('spec.conversion', spec?.conversion)];
}

function validateVersions(versions: readonly V1CustomResourceDefinitionVersion[]): FieldError[] {
  const field = 'spec.versions';
  const errors = versions.flatMap((version, index) => validateVersion(`${field}[${index}]`, version));
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) errors.push(invalid(field, names, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(invalid(field, names, 'must have exactly one version marked as storage version'));
  return errors;
}

function validateVersion(field: string, version: V1CustomResourceDefinitionVersion): FieldError[] {
  const { name, schema, subresources, additionalPrinterColumns = [], deprecated, deprecationWarning } = version;
  const errors = invalidEach(`${field}.name`, name ?? '', validateDns1035Label(name ?? ''));
  if (!schema?.openAPIV3Schema) errors.push(required(`${field}.schema.openAPIV3Schema`, 'schemas are required'));
  if (deprecationWarning !== undefined && !deprecated) errors.push(invalid(`${field}.deprecationWarning`, deprecationWarning, 'can only be set for deprecated versions'));
  if (subresources?.scale) {
    const { specReplicasPath, statusReplicasPath, labelSelectorPath } = subresources.scale;
    const path = `${field}.subresources.scale`;
    errors.push(...validateScalePath(`${path}.specReplicasPath`, specReplicasPath, ['.spec.']), ...validateScalePath(`${path}.statusReplicasPath`, statusReplicasPath, ['.status.']));
    if (labelSelectorPath) errors.push(...validateScalePath(`${path}.labelSelectorPath`, labelSelectorPath, ['.spec.', '.status.']));
  }
  for (const [index, column] of additionalPrinterColumns.entries()) {
    const path = `${field}.additionalPrinterColumns[${index}]`;
    if (!column.name) errors.push(required(`${path}.name`));
    errors.push(...oneOf(`${path}.type`, column.type, COLUMN_TYPES));
    if (!column.jsonPath) errors.push(required(`${path}.jsonPath`));
  }
  return errors;
}

/** A dotted path below `spec` or `status`, without list indexes. */
function validateScalePath(field: string, path: string | undefined, roots: readonly string[]): FieldError[] {
  if (!path) return [required(field)];
  if (path.includes('[') || !path.startsWith('.')) return [invalid(field, path, 'should be a json path without array notation')];
  return roots.some((root) => path.startsWith(root)) ? [] : [invalid(field, path, `should be a json path under ${roots.map((root) => root.slice(0, -1)).join(' or ')}`)];
}

/** The names of a resource, as sent in the spec. */
function validateNames(field: string, names: V1CustomResourceDefinitionNames | undefined): FieldError[] {
  const { plural = '', singular, kind = '', listKind = '', shortNames = [], categories = [] }: Partial<V1CustomResourceDefinitionNames> = names ?? {};
  const errors: FieldError[] = plural === '' ? [required(`${field}.plural`)] : invalidEach(`${field}.plural`, plural, validateDns1035Label(plural));
  if (singular) errors.push(...invalidEach(`${field}.singular`, singular, validateDns1035Label(singular)));
  if (kind === '') errors.push(required(`${field}.kind`));
  // A kind may have capitals, and is otherwise of the form of a label.
  else errors.push(...invalidEach(`${field}.kind`, kind, validateDns1035Label(kind.toLowerCase()).map((message) => `may have mixed case, but should otherwise match: ${message}`)));
  if (listKind !== '') errors.push(...invalidEach(`${field}.listKind`, listKind, validateDns1035Label(listKind.toLowerCase()).map((message) => `may have mixed case, but should otherwise match: ${message}`)));
  if (kind !== '' && kind === listKind) errors.push(invalid(`${field}.listKind`, listKind, 'kind and listKind may not be the same'));
  for (const [index, name] of shortNames.entries()) errors.push(...invalidEach(`${field}.shortNames[${index}]`, name, validateDns1035Label(name)));
  for (const [index, name] of categories.entries()) errors.push(...invalidEach(`${field}.categories[${index}]`, name, validateDns1035Label(name)));
  return errors;
}

function validateConversion(field: string, conversion: V1CustomResourceConversion | undefined): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const errors = oneOf(`${field}.strategy`, strategy, ['None', 'Webhook']);
  if (strategy !== 'Webhook') return webhook ? [...errors, forbidden(`${field}.webhookClientConfig`, 'should not be set when strategy is not set to Webhook')] : errors;
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  if (!clientConfig) errors.push(required(`${field}.webhookClientConfig`, 'required when strategy is set to Webhook'));
  else if (Boolean(clientConfig.url) === Boolean(clientConfig.service)) errors.push(required(`${field}.webhookClientConfig`, 'exactly one of url or service is required'));
  if (conversionReviewVersions.length === 0) errors.push(required(`${field}.conversionReviewVersions`));
  return errors;
}

/** Objects of the kind may exist, so what they are called and where they live is fixed once it is established. */
export function validateCustomResourceDefinitionUpdate({ spec }: IncomingObject<V1CustomResourceDefinition>, { spec: before, status }: V1CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  if (status?.conditions?.some(({ type, status: holds }) => type === 'Established' && holds === 'True')) {
    errors.push(...strictlyImmutable('spec.scope', spec?.scope, before?.scope), ...strictlyImmutable('spec.names.kind', spec?.names?.kind, before?.names?.kind));
  }
  return [...errors, ...strictlyImmutable('spec.group', spec?.group, before?.group), ...strictlyImmutable('spec.names.plural', spec?.names?.plural, before?.names?.plural)];
}

import type { V1CustomResourceConversion, V1CustomResourceDefinition, V1CustomResourceDefinitionNames } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, ofEach, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { itemsOf, valuesOf } from '../../customResources/jsonSchema.ts';
import type { JsonSchema } from '../../customResources/jsonSchema.ts';
import { validateCaBundle } from '../../validation/caBundle.ts';
import { oneOf, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1035Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { validateWebhookService, validateWebhookUrl } from '../../validation/webhookClient.ts';
import { validateApproval } from './approval.ts';
import { isEstablished } from './conditions.ts';
import { validateShared, validateVersions } from './validateVersions.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

type Definition = IncomingObject<V1CustomResourceDefinition>;

/** The definition as a whole, its schemas included. */
export function validateCustomResourceDefinition({ spec, status }: Definition): FieldError[] {
  const names = spec?.names;
  const group = spec?.group ?? '';
  const errors: FieldError[] = [];
  const faults = validateDns1123Subdomain(group);
  if (group === '') errors.push(required('spec.group'));
  else if (faults.length > 0) errors.push(invalid('spec.group', group, faults.join(',')));
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  append(errors, oneOf('spec.scope', spec?.scope, ['Cluster', 'Namespaced']));
  const versions = spec?.versions ?? [];
  for (const [index, { schema }] of versions.entries()) if (!schema?.openAPIV3Schema) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`));
  const preservesUnknown = spec?.preserveUnknownFields === true;
  if (preservesUnknown && versions.some(({ schema }) => schema?.openAPIV3Schema && setsDefault(schema.openAPIV3Schema))) errors.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));
  append(errors, validateVersions(spec?.versions));
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names?.[name]) errors.push(required(`spec.names.${name}`));
  append(errors, validateNames('spec.names', names), validateShared(versions));
  const strategy = spec?.conversion?.strategy;
  if (preservesUnknown && spec?.conversion && strategy !== 'None') errors.push(invalid('spec.conversion.strategy', strategy, 'must be None if spec.preserveUnknownFields is true'));
  append(errors, validateConversion('spec.conversion', spec?.conversion));
  append(errors, validateNames('status.acceptedNames', status?.acceptedNames), validateStoredVersions({ spec, status }));
  if (preservesUnknown) errors.push(invalid('spec.preserveUnknownFields', true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'));
  return errors;
}

/** What a new definition must be besides: named after its kind and group, and approved where its group is Kubernetes' own. */
export function validateNewDefinition(definition: Definition): FieldError[] {
  const { metadata, spec } = definition;
  const wanted = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`;
  const errors = (['generateName', 'name'] as const).flatMap((field) => {
    const name = metadata[field];
    return name && name !== wanted ? [invalid(`metadata.${field}`, name, 'must be spec.names.plural+"."+spec.group')] : [];
  });
  return [...errors, ...validateApproval(definition, undefined)];
}

/** Whether a schema has a default anywhere, if only where none may be. */
function setsDefault(schema: JsonSchema): boolean {
  const nested = [schema.not, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), valuesOf(schema), itemsOf(schema), ...Object.values(schema.properties ?? {})];
  return schema.default !== undefined || nested.some((each) => each !== undefined && setsDefault(each));
}

/** Objects may be stored in each of them, so none may vanish from the spec. */
export function validateStoredVersions({ spec, status }: Pick<Definition, 'spec' | 'status'>): FieldError[] {
  const field = 'status.storedVersions';
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalid(field, status?.storedVersions ?? null, 'must have at least one stored version')];
  const versions = spec?.versions ?? [];
  const errors = versions.filter(({ name, storage }) => storage && !stored.includes(name)).map(({ name }) => invalid(field, stored, `must have the storage version ${name}`));
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`${field}[${index}]`, name, why));
  }
  return errors;
}

/** The form of names, as sent in the spec or accepted in the status; empty ones are none. */
export function validateNames(field: string, names: V1CustomResourceDefinitionNames | undefined): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] }: Partial<V1CustomResourceDefinitionNames> = names ?? {};
  const label = (at: string, value: string, introduction = ''): FieldError[] => {
    const messages = validateDns1035Label(introduction === '' ? value : value.toLowerCase());
    return messages.length === 0 ? [] : [invalid(at, value, `${introduction}${messages.join(',')}`)];
  };
  const unlessEmpty = (at: string, value: string, introduction = ''): FieldError[] => (value === '' ? [] : label(at, value, introduction));
  const mixed = 'may have mixed case, but should otherwise match: ';
  return [
    ...unlessEmpty(`${field}.plural`, plural),
    ...unlessEmpty(`${field}.singular`, singular),
    ...unlessEmpty(`${field}.kind`, kind, mixed),
    ...unlessEmpty(`${field}.listKind`, listKind, mixed),
    ...ofEach(`${field}.shortNames`, shortNames, label),
    ...(kind !== '' && kind === listKind ? [invalid(`${field}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...ofEach(`${field}.categories`, categories, label),
  ];
}

function validateConversion(field: string, conversion: V1CustomResourceConversion | undefined): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const errors = oneOf(`${field}.strategy`, strategy, ['None', 'Webhook']);
  const { clientConfig, conversionReviewVersions: versions = [] } = (webhook ?? {}) as Partial<NonNullable<typeof webhook>>;
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    return [...errors, ...(clientConfig ? [forbidden(`${field}.webhookClientConfig`, detail)] : []), ...(versions.length > 0 ? [forbidden(`${field}.conversionReviewVersions`, detail)] : [])];
  }
  if (!clientConfig) errors.push(required(`${field}.webhookClientConfig`, 'required when strategy is set to Webhook'));
  else if ((clientConfig.url === undefined) === (clientConfig.service === undefined)) errors.push(required(`${field}.webhookClientConfig`, 'exactly one of url or service is required'));
  else if (clientConfig.url !== undefined) append(errors, validateWebhookUrl(`${field}.webhookClientConfig.url`, clientConfig.url));
  else append(errors, validateWebhookService(`${field}.webhookClientConfig.service`, clientConfig.service ?? {}));
  const at = `${field}.conversionReviewVersions`;
  if (versions.length === 0) return [...errors, required(at)];
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalid(`${at}[${index}]`, version, 'duplicate version'));
    else append(errors, validateDns1035Label(version).map((message) => invalid(`${at}[${index}]`, version, message)));
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) errors.push(invalid(at, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  return errors;
}

/** Objects of the kind may exist, so what they are called and where they live is fixed once it is established. */
export function validateCustomResourceDefinitionUpdate(definition: Definition, previous: V1CustomResourceDefinition): FieldError[] {
  const { spec } = definition;
  const { spec: before } = previous;
  const errors: FieldError[] = [];
  if (isEstablished(previous)) append(errors, strictlyImmutable('spec.scope', spec?.scope ?? '', before?.scope), strictlyImmutable('spec.names.kind', spec?.names?.kind ?? '', before?.names?.kind));
  if (isEstablished(previous) && !hasFaultyBundle(previous)) append(errors, validateCaBundle('spec.conversion.webhookClientConfig.caBundle', bundleOf(definition)));
  append(errors, strictlyImmutable('spec.group', spec?.group ?? '', before?.group), strictlyImmutable('spec.names.plural', spec?.names?.plural ?? '', before?.names?.plural));
  return [...errors, ...validateApproval(definition, previous)];
}

const bundleOf = ({ spec }: Pick<Definition, 'spec'>): string | undefined => (spec?.conversion?.strategy === 'Webhook' ? spec.conversion.webhook?.clientConfig?.caBundle : undefined);

const hasFaultyBundle = ({ spec }: V1CustomResourceDefinition): boolean => validateCaBundle('', spec.conversion?.webhook?.clientConfig?.caBundle).length > 0;

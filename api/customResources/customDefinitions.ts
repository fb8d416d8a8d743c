import type { V1CustomResourceDefinition, V1CustomResourceDefinitionVersion } from '../generated/types.ts';
import { invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { isEstablished } from '../kinds/apiextensions/conditions.ts';
import type { KubeObject } from '../meta.ts';
import type { Conversion, CustomKind, IncomingObject, ResourceDefinition, Verb } from '../resourceDefinition.ts';
import { customColumns } from './columns.ts';
import { applyDefaults, hasDefaults } from './defaults.ts';
import { validateEmbedded } from './embedded.ts';
import { propertyOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { plainSteps } from './jsonPath.ts';
import { evaluateRules } from './evaluateRules.ts';
import { finalizerWarnings } from './finalizerWarnings.ts';
import { validateListTypes } from './listTypes.ts';
import { hasRules, ruleTree } from './ruleTree.ts';
import { validateScale } from './scalePaths.ts';
import { validateValue, withinField } from './validateValue.ts';
import { ownField, setField } from '../values/ownField.ts';

/** How objects of a version of a definition with the strategy `Webhook` are converted; `None` needs nothing but another `apiVersion`, which the registry writes. */
export type ConversionFor = (definition: V1CustomResourceDefinition, version: string) => Conversion;

const WHILE_TERMINATING: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What a CustomResourceDefinition makes the API server serve: one definition for each version, none before its names are accepted. */
export function customDefinitions(definition: V1CustomResourceDefinition, conversionFor: ConversionFor): ResourceDefinition[] {
  const names = definition.status?.acceptedNames;
  if (!isEstablished(definition) || !names) return [];
  return definition.spec.versions.filter(({ served }) => served).map((version) => customDefinition(definition, version, conversionFor));
}

function customDefinition(crd: V1CustomResourceDefinition, version: V1CustomResourceDefinitionVersion, conversionFor: ConversionFor): ResourceDefinition {
  const { group, scope, versions, conversion } = crd.spec;
  const { plural, kind, singular, listKind, shortNames, categories } = crd.status!.acceptedNames!;
  const stored = versions.find((each) => each.storage) ?? version;
  const { scale, status } = version.subresources ?? {};
  const schema = version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true };
  const terminating = crd.metadata.deletionTimestamp !== undefined;
  const selectablePaths = version.selectableFields?.map(({ jsonPath }) => jsonPath) ?? [];
  const custom: CustomKind = { definition: crd.metadata.name, schema, selectablePaths, terminating, servesStorage: stored.served, published: `${crd.metadata.uid}/${crd.metadata.generation ?? 0}${terminating ? '/terminating' : ''}` };
  return {
    group,
    version: version.name,
    kind,
    plural,
    singular: singular ?? '',
    listKind: listKind || `${kind}List`,
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
    namespaced: scope === 'Namespaced',
    model: '',
    custom,
    ...(terminating ? { verbs: WHILE_TERMINATING } : {}),
    storage: { group, version: stored.name },
    // Of the storage version, too: what is stored may be older than that.
    ...(conversion?.strategy === 'Webhook' ? { convert: conversionFor(crd, version.name) } : {}),
    hasStatus: isRecord(status),
    hasGeneration: true,
    unconditionalUpdate: false,
    ...(scale ? { scale: { specReplicas: scale.specReplicasPath, statusReplicas: scale.statusReplicasPath, selector: scale.labelSelectorPath ?? '' } } : {}),
    ...hooks(schema, kind, scale),
    ...(version.deprecated ? { deprecation: version.deprecationWarning ?? deprecation(group, kind, version, versions) } : {}),
    columns: customColumns(version.additionalPrinterColumns),
    ...(selectablePaths.length > 0 ? { selectableFields: selector(selectablePaths) } : {}),
  };
}

/** What becomes of objects on their way in. */
function hooks(schema: JsonSchema, kind: string, scale: NonNullable<V1CustomResourceDefinitionVersion['subresources']>['scale']): Partial<ResourceDefinition> {
  const withListTypes = (object: Fields, previous: KubeObject | undefined): FieldError[] => {
    const wasFaulty = previous !== undefined && validateListTypes(previous, schema).length > 0;
    return wasFaulty ? [] : validateListTypes(object, schema);
  };
  const validateObject = (object: IncomingObject, previous: KubeObject | undefined): FieldError[] => {
    const value = object as unknown as Fields;
    if (object.kind !== kind) return [invalid('kind', object.kind, `must be ${kind}`)];
    return [...validateValue(value, schema, previous), ...validateScale(value, scale, true), ...validateEmbedded(value, schema), ...withListTypes(value, previous)];
  };
  const validateStatus = (object: IncomingObject, previous: KubeObject): FieldError[] => {
    const value = object as unknown as Fields;
    if (object.kind !== kind) return [invalid('kind', object.kind, `must be ${kind}`)];
    const own = propertyOf(schema, 'status');
    const faults = own && value['status'] !== undefined ? withinField('status', validateValue(value['status'], own, (previous as unknown as Fields)['status'])) : [];
    return [...faults, ...validateScale(value, scale, false), ...withListTypes(value, previous)];
  };
  return {
    ...(hasRules(schema) ? { evaluateRules: (object: IncomingObject, previous?: KubeObject) => evaluateRules(ruleTree(schema)!, object, previous) } : {}),
    setDefaults: (object) => fillIn(object, schema),
    validateCreate: (object) => validateObject(object, undefined),
    validateUpdate: validateObject,
    prepareForStatusUpdate: (object, previous) => {
      const { resourceVersion, managedFields } = object.metadata;
      object.metadata = { ...previous.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(managedFields === undefined ? {} : { managedFields }) };
    },
    validateStatusUpdate: validateStatus,
    warnings: finalizerWarnings,
  };
}

/** Defaults, in place. */
function fillIn(object: Fields, schema: JsonSchema): void {
  if (!hasDefaults(schema)) return;
  const filled = applyDefaults(object, schema, 'keep');
  if (filled === object) return;
  for (const name of Object.keys(object)) if (!Object.hasOwn(filled, name)) delete object[name];
  for (const [name, value] of Object.entries(filled)) setField(object, name, value);
}

/** The default warning of a deprecated version, with the newer one that is served, where there is one. */
function deprecation(group: string, kind: string, version: V1CustomResourceDefinitionVersion, versions: readonly V1CustomResourceDefinitionVersion[]): string {
  const others = versions.filter((each) => each.served && !each.deprecated && each.name !== version.name).map(({ name }) => name);
  const newer = others.sort((a, b) => rank(b) - rank(a))[0];
  const base = `${group}/${version.name} ${kind} is deprecated`;
  return newer !== undefined && rank(newer) > rank(version.name) ? `${base}; use ${group}/${newer} ${kind}` : base;
}

/** Higher for what Kubernetes takes for the better version. */
function rank(name: string): number {
  const parts = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name);
  if (!parts) return 0;
  const stability = parts[2] === undefined ? 3 : parts[2] === 'beta' ? 2 : 1;
  return stability * 1e12 + Number(parts[1]) * 1e6 + Number(parts[3] ?? 0);
}

function selector(paths: readonly string[]): (object: KubeObject) => Readonly<Record<string, string>> {
  const fields = paths.map((path) => ({ name: path.replace(/^\./, ''), steps: plainSteps(path) }));
  return (object) =>
    Object.fromEntries(
      fields.map(({ name, steps }) => {
        const value = steps.reduce<unknown>((at, step) => (isRecord(at) ? ownField(at, step) : undefined), object);
        return [name, value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)];
      }),
    );
}

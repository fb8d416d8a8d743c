import type { V1CustomResourceDefinition } from '../../generated/types.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { defineKind } from '../defineKind.ts';
import { unknownFormats } from './unknownFormats.ts';
import { validateCustomResourceDefinition, validateCustomResourceDefinitionUpdate, validateNames, validateNewDefinition } from './validateCustomResourceDefinition.ts';

export const customResourceDefinition = defineKind<V1CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1CustomResourceDefinition',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
  keepsEmptyLists: true,
  setDefaults,
  prepareForCreate: addStoredVersion,
  prepareForUpdate: addStoredVersion,
  validate: validateCustomResourceDefinition,
  validateCreate: validateNewDefinition,
  validateUpdate: validateCustomResourceDefinitionUpdate,
  validateStatusUpdate: (definition) => validateNames('status.acceptedNames', definition.status?.acceptedNames),
  warnings: unknownFormats,
});

function setDefaults({ spec }: IncomingObject<V1CustomResourceDefinition>): void {
  if (!spec) return;
  if (spec.names) {
    spec.names.singular ||= (spec.names.kind ?? '').toLowerCase();
    if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
}

/** Objects may be stored in every version that was ever the storage version, until somebody has migrated them and says so in the status. */
function addStoredVersion(object: IncomingObject<V1CustomResourceDefinition>): void {
  const storage = object.spec?.versions?.find((version) => version.storage)?.name;
  const stored = object.status?.storedVersions ?? [];
  if (storage !== undefined && !stored.includes(storage)) object.status = { ...object.status, storedVersions: [...stored, storage] };
}

import type { V1StorageClass, V1TopologySelectorLabelRequirement, V1TopologySelectorTerm } from '../../generated/types.ts';
import { duplicate, forbidden, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, labelName, oneOf, strictlyImmutable, repeats } from '../../validation/fields.ts';
import { validateQualifiedName } from '../../validation/names.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ANNOTATION_DEFAULT_STORAGE_CLASS } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { nodeLabelWarning } from '../core/nodeLabelWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateParameters } from './parameters.ts';
import { canonicalJson } from '../../values/stableHash.ts';

export const storageClass = defineKind<V1StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  model: 'V1StorageClass',
  setDefaults(object) {
    object.reclaimPolicy ||= 'Delete';
    object.volumeBindingMode ||= 'Immediate';
  },
  validate: (object) => [
    ...(object.provisioner ? invalidEach('provisioner', object.provisioner, validateQualifiedName(object.provisioner.toLowerCase())) : [required('provisioner')]),
    ...validateParameters('parameters', object.parameters),
    ...oneOf('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...validateAllowedTopologies('allowedTopologies', object.allowedTopologies ?? []),
  ],
  warnings: topologyWarnings,
  validateUpdate: (object, previous) => [
    ...(semanticEqual(object.parameters, previous.parameters) ? [] : [forbidden('parameters', 'updates to parameters are forbidden.')]),
    ...(object.provisioner === previous.provisioner ? [] : [forbidden('provisioner', 'updates to provisioner are forbidden.')]),
    ...(object.reclaimPolicy === previous.reclaimPolicy ? [] : [forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')]),
    ...strictlyImmutable('volumeBindingMode', object.volumeBindingMode, previous.volumeBindingMode),
  ],
  columns: [
    { ...textColumn('Name', { of: 'V1ObjectMeta.name' }, ({ metadata }) => `${metadata.name}${metadata.annotations?.[ANNOTATION_DEFAULT_STORAGE_CLASS] === 'true' ? ' (default)' : ''}`), format: 'name' },
    textColumn('Provisioner', { of: 'V1StorageClass.provisioner' }, ({ provisioner }) => provisioner),
    textColumn('ReclaimPolicy', { of: 'V1StorageClass.reclaimPolicy' }, ({ reclaimPolicy }) => reclaimPolicy ?? ''),
    textColumn('VolumeBindingMode', { of: 'V1StorageClass.volumeBindingMode' }, ({ volumeBindingMode }) => volumeBindingMode ?? ''),
    { name: 'AllowVolumeExpansion', type: 'string', description: { of: 'V1StorageClass.allowVolumeExpansion' }, priority: 0, value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    ageColumn,
  ],
});

/** Where volumes may be made: terms of labels, no two alike (`validateAllowedTopologies`). */
function validateAllowedTopologies(field: string, terms: readonly V1TopologySelectorTerm[]): FieldError[] {
  const raw = (term: V1TopologySelectorTerm | undefined): object => Object.fromEntries((term?.matchLabelExpressions ?? []).map(({ key, values }) => [key, [...new Set(values)].sort()]));
  const isRepeated = repeats();
  return terms.flatMap((term, index) => {
    const expressions = term.matchLabelExpressions ?? [];
    const isSameKey = repeats();
    const errors = expressions.flatMap(({ key, values = [] }: Partial<V1TopologySelectorLabelRequirement>, at) => {
      const path = `${field}[${index}].matchLabelExpressions[${at}]`;
      const isSame = repeats();
      return [
        ...(values.length === 0 ? [required(`${path}.values`)] : []),
        ...values.flatMap((value, nth) => (isSame(value) ? [duplicate(`${path}.values[${nth}]`, value)] : [])),
        ...labelName(`${path}.key`, key ?? ''),
        ...(isSameKey(key) ? [duplicate(`${path}.key`, key)] : []),
      ];
    });
    return isRepeated(canonicalJson(raw(term))) ? [...errors, duplicate(`${field}[${index}].matchLabelExpressions`, '')] : errors;
  });
}

function topologyWarnings({ allowedTopologies = [] }: IncomingObject<V1StorageClass>): string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, index) => matchLabelExpressions.flatMap(({ key }, at) => {
    const message = nodeLabelWarning(key);
    return message === undefined ? [] : [`allowedTopologies[${index}].matchLabelExpressions[${at}].key: ${key} is ${message}`];
  }));
}

import type { V1ReplicationController } from '../../generated/types.ts';
import { append, type FieldError, invalid, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nonNegative } from '../../validation/fields.ts';
import { validateLabels } from '../../validation/labels.ts';
import { formatLabels, matchesLabels, selectorOfMap } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { workloadWarnings } from './pod/podWarnings.ts';
import { validateAvailable, validateCounts, validateParts } from '../workloadStatus.ts';
import { setTemplateDefaults, validateLongRunningTemplate } from '../workload.ts';

export const replicationController = defineKind<V1ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  model: 'V1ReplicationController',
  hasStatus: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  hasGeneration: true,
  setDefaults,
  validate,
  validateStatusUpdate: ({ status }) => [
    ...validateCounts(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration']),
    ...validateParts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
    ...validateAvailable(status),
  ],
  warnings: (object, previous) => workloadWarnings(object, previous, 'spec.template', object.spec?.template),
  columns: [
    integerColumn('Desired', { of: 'V1ReplicationControllerSpec.replicas' }, ({ spec }) => spec?.replicas ?? 0),
    integerColumn('Current', { of: 'V1ReplicationControllerStatus.replicas' }, ({ status }) => status?.replicas ?? 0),
    integerColumn('Ready', { of: 'V1ReplicationControllerStatus.readyReplicas' }, ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...containerColumns<V1ReplicationController>(({ spec }) => spec?.template?.spec?.containers),
    textColumn('Selector', { of: 'V1ReplicationControllerSpec.selector' }, ({ spec }) => formatLabels(spec?.selector), 1),
  ],
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});

/** What the template's labels say holds for the selector and for the object, unless those say something of their own. */
function setDefaults({ spec, metadata }: IncomingObject<V1ReplicationController>): void {
  if (!spec) return;
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  setTemplateDefaults(spec.template);
}

function validate({ spec = {} }: IncomingObject<V1ReplicationController>): FieldError[] {
  const { selector, template } = spec;
  const errors = [...nonNegative('spec.minReadySeconds', spec.minReadySeconds), ...validateLabels('spec.selector', selector)];
  if (Object.keys(selector ?? {}).length === 0) errors.push(required('spec.selector'));
  append(errors, nonNegative('spec.replicas', spec.replicas));
  if (!template) return [...errors, required('spec.template')];
  if (selector && !matchesLabels(selectorOfMap(selector), template.metadata?.labels)) {
    errors.push(invalid('spec.template.metadata.labels', template.metadata?.labels ?? null, '`selector` does not match template `labels`'));
  }
  return [...errors, ...validateLongRunningTemplate('spec.template', template, 'ReplicationController')];
}

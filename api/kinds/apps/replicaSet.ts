import type { V1ReplicaSet, V1ReplicaSetSpec } from '../../generated/types.ts';
import type { FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, nonNegative } from '../../validation/fields.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, textColumn } from '../columns.ts';
import { workloadWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateAvailable, validateCounts, validateParts } from '../workloadStatus.ts';
import { setTemplateDefaults, validateLongRunningTemplate, validateWorkloadSelector } from '../workload.ts';

export const replicaSet = defineKind<V1ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  model: 'V1ReplicaSet',
  hasStatus: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  hasGeneration: true,
  setDefaults({ spec }) {
    if (!spec) return;
    spec.replicas ??= 1;
    setTemplateDefaults(spec.template);
  },
  validate,
  warnings: (object, previous) => workloadWarnings(object, previous, 'spec.template', object.spec?.template),
  validateStatusUpdate: ({ status }) => [
    ...validateCounts(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas']),
    ...validateParts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
    ...validateAvailable(status),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec.selector', spec?.selector, previous.spec?.selector),
  columns: [
    integerColumn('Desired', 'How many pods are wanted.', ({ spec }) => spec?.replicas ?? 0),
    integerColumn('Current', 'How many pods there are.', ({ status }) => status?.replicas ?? 0),
    integerColumn('Ready', 'How many pods are ready.', ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...containerColumns<V1ReplicaSet>(({ spec }) => spec?.template?.spec?.containers),
    textColumn('Selector', 'Which pods belong to it.', ({ spec }) => formatLabelSelector(spec?.selector), 1),
  ],
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});

function validate(object: IncomingObject<V1ReplicaSet>): FieldError[] {
  const spec: Partial<V1ReplicaSetSpec> = object.spec ?? {};
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    // Kubernetes speaks of a deployment here, too.
    ...validateWorkloadSelector('spec.selector', spec.selector, 'deployment'),
    ...validateLongRunningTemplate('spec.template', spec.template, spec.selector, 'ReplicaSet'),
  ];
}

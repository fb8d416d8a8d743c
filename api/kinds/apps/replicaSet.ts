import type { V1ReplicaSet, V1ReplicaSetSpec } from '../../generated/types.ts';
import type { FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, nonNegative } from '../../validation/fields.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, textColumn } from '../columns.ts';
import { workloadWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateAvailable, validateCounts, validateParts } from '../workloadStatus.ts';
import { setTemplateDefaults, validateSelectedTemplate } from '../workload.ts';

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
    integerColumn('Desired', { of: 'V1ReplicaSetSpec.replicas' }, ({ spec }) => spec?.replicas ?? 0),
    integerColumn('Current', { of: 'V1ReplicaSetStatus.replicas' }, ({ status }) => status?.replicas ?? 0),
    integerColumn('Ready', { of: 'V1ReplicaSetStatus.readyReplicas' }, ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...containerColumns<V1ReplicaSet>(({ spec }) => spec?.template?.spec?.containers),
    textColumn('Selector', 'Selector is a label query over pods that should match the replica count. If the selector is empty, it is defaulted to the labels present on the pod template. Label keys and values that must match in order to be controlled by this replica set. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors', ({ spec }) => formatLabelSelector(spec?.selector), 1),
  ],
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});

function validate(object: IncomingObject<V1ReplicaSet>): FieldError[] {
  const spec: Partial<V1ReplicaSetSpec> = object.spec ?? {};
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    // Kubernetes speaks of a deployment here, too.
    ...validateSelectedTemplate(spec.selector, spec.template, { selector: 'deployment', template: 'ReplicaSet', malformed: 'invalid label selector' }),
  ];
}

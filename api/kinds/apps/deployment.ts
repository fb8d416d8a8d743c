import type { V1Deployment, V1DeploymentSpec, V1DeploymentStrategy } from '../../generated/types.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { immutable, nonNegative } from '../../validation/fields.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, textColumn } from '../columns.ts';
import { workloadWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateAvailable, validateCollisions, validateCounts, validateParts } from '../workloadStatus.ts';
import { isZero, notOver100Percent, setTemplateDefaults, validateCountOrPercent, validateSelectedTemplate } from '../workload.ts';
import { internalForm } from '../internalForm.ts';

const columns: readonly TableColumn<V1Deployment>[] = [
  textColumn('Ready', 'Number of the pod with ready state', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
  textColumn('Up-to-date', { of: 'V1DeploymentStatus.updatedReplicas' }, ({ status }) => status?.updatedReplicas ?? 0),
  textColumn('Available', { of: 'V1DeploymentStatus.availableReplicas' }, ({ status }) => status?.availableReplicas ?? 0),
  ageColumn,
  ...containerColumns<V1Deployment>(({ spec }) => spec?.template?.spec?.containers),
  textColumn('Selector', 'Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment.', ({ spec }) => formatLabelSelector(spec?.selector), 1),
];

export const deployment = defineKind<V1Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Deployment',
  hasStatus: true,
  statusKeepsMetadata: 'labels',
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  hasGeneration: true,
  // They are copied to its replica sets.
  generationCounts: 'annotations',
  setDefaults,
  validate,
  warnings: (object, previous) => workloadWarnings(object, previous, 'spec.template', object.spec?.template),
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'collisionCount', 'terminatingReplicas']),
    ...validateParts(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
    ...validateAvailable(status),
    ...validateCollisions(status?.collisionCount, previous.status?.collisionCount),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec.selector', spec?.selector, previous.spec?.selector),
  columns,
});

function setDefaults({ spec }: IncomingObject<V1Deployment>): void {
  if (!spec) return;
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  setTemplateDefaults(spec.template);
}

function validate(object: IncomingObject<V1Deployment>): FieldError[] {
  const spec: Partial<V1DeploymentSpec> = object.spec ?? {};
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelectedTemplate(spec.selector, spec.template, { selector: 'deployment', template: 'ReplicaSet', malformed: 'invalid label selector' }),
    ...validateStrategy('spec.strategy', spec.strategy ?? {}),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
  ];
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return errors;
}

function validateStrategy(field: string, strategy: V1DeploymentStrategy): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === 'Recreate') return rollingUpdate ? [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (type !== 'RollingUpdate') return [notSupported(field, internalForm('DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])];
  if (!rollingUpdate) return [required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const path = `${field}.rollingUpdate`;
  const errors = [...validateCountOrPercent(`${path}.maxUnavailable`, maxUnavailable), ...validateCountOrPercent(`${path}.maxSurge`, maxSurge)];
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  return [...errors, ...notOver100Percent(`${path}.maxUnavailable`, maxUnavailable)];
}

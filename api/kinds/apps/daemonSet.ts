import type { V1DaemonSet, V1DaemonSetSpec } from '../../generated/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, nonNegative } from '../../validation/fields.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { formatLabelSelector, formatLabels } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, textColumn } from '../columns.ts';
import { templateWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateCollisions, validateCounts } from '../workloadStatus.ts';
import { isZero, notOver100Percent, setTemplateDefaults, validateCountOrPercent, validateLongRunningTemplate, validateWorkloadSelector } from '../workload.ts';

export const daemonSet = defineKind<V1DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  model: 'V1DaemonSet',
  hasStatus: true,
  hasGeneration: true,
  setDefaults,
  validate,
  warnings: ({ spec }, previous) => (previous && semanticEqual(spec, previous.spec) ? [] : templateWarnings('spec.template', spec?.template)),
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount']),
    ...validateCollisions(status?.collisionCount, previous.status?.collisionCount),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec.selector', spec?.selector, previous.spec?.selector),
  columns: [
    integerColumn('Desired', 'On how many nodes a pod should run.', ({ status }) => status?.desiredNumberScheduled ?? 0),
    integerColumn('Current', 'On how many of them one runs.', ({ status }) => status?.currentNumberScheduled ?? 0),
    integerColumn('Ready', 'On how many of them one is ready.', ({ status }) => status?.numberReady ?? 0),
    integerColumn('Up-to-date', 'How many pods have the present template.', ({ status }) => status?.updatedNumberScheduled ?? 0),
    integerColumn('Available', 'How many pods have been ready for long enough.', ({ status }) => status?.numberAvailable ?? 0),
    textColumn('Node Selector', 'Which nodes get a pod.', ({ spec }) => formatLabels(spec?.template?.spec?.nodeSelector)),
    ageColumn,
    ...containerColumns<V1DaemonSet>(({ spec }) => spec?.template?.spec?.containers),
    textColumn('Selector', 'Which pods belong to it.', ({ spec }) => formatLabelSelector(spec?.selector), 1),
  ],
});

function setDefaults({ spec }: IncomingObject<V1DaemonSet>): void {
  if (!spec) return;
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  setTemplateDefaults(spec.template);
}

function validate(object: IncomingObject<V1DaemonSet>): FieldError[] {
  const spec: Partial<V1DaemonSetSpec> = object.spec ?? {};
  return [
    ...validateWorkloadSelector('spec.selector', spec.selector, 'daemonset'),
    ...validateLongRunningTemplate('spec.template', spec.template, spec.selector, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateStrategy(spec),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

function validateStrategy({ updateStrategy }: Partial<V1DaemonSetSpec>): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {};
  const path = 'spec.updateStrategy.rollingUpdate';
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [notSupported('spec.updateStrategy.type', type ?? '', ['OnDelete', 'RollingUpdate'])];
  if (!rollingUpdate) return [required(path)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [...validateCountOrPercent(`${path}.maxUnavailable`, maxUnavailable), ...notOver100Percent(`${path}.maxUnavailable`, maxUnavailable)];
  errors.push(...validateCountOrPercent(`${path}.maxSurge`, maxSurge), ...notOver100Percent(`${path}.maxSurge`, maxSurge));
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

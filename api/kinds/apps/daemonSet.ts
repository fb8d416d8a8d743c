import type { V1DaemonSet, V1DaemonSetSpec } from '../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, nonNegative } from '../../validation/fields.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { formatLabelSelector, formatLabels } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, textColumn } from '../columns.ts';
import { templateWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateCollisions, validateCounts } from '../workloadStatus.ts';
import { isZero, notOver100Percent, setTemplateDefaults, validateCountOrPercent, validateLongRunningTemplate, validateMatch, validateWorkloadSelector } from '../workload.ts';
import { internalForm } from '../internalForm.ts';

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
  prepareForCreate: (object) => setTemplateGeneration(object, Math.max(1, templateGeneration(object.metadata.annotations))),
  prepareForUpdate: (object, previous) => {
    const before = templateGeneration(previous.metadata.annotations);
    setTemplateGeneration(object, semanticEqual(object.spec?.template, previous.spec?.template) ? before : before + 1);
  },
  validate,
  warnings: ({ spec }, previous) => (previous && semanticEqual(spec, previous.spec) ? [] : templateWarnings('spec.template', spec?.template)),
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount']),
    ...validateCollisions(status?.collisionCount, previous.status?.collisionCount),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec.selector', spec?.selector, previous.spec?.selector),
  columns: [
    integerColumn('Desired', { of: 'V1DaemonSetStatus.desiredNumberScheduled' }, ({ status }) => status?.desiredNumberScheduled ?? 0),
    integerColumn('Current', { of: 'V1DaemonSetStatus.currentNumberScheduled' }, ({ status }) => status?.currentNumberScheduled ?? 0),
    integerColumn('Ready', { of: 'V1DaemonSetStatus.numberReady' }, ({ status }) => status?.numberReady ?? 0),
    integerColumn('Up-to-date', { of: 'V1DaemonSetStatus.updatedNumberScheduled' }, ({ status }) => status?.updatedNumberScheduled ?? 0),
    integerColumn('Available', { of: 'V1DaemonSetStatus.numberAvailable' }, ({ status }) => status?.numberAvailable ?? 0),
    textColumn('Node Selector', { of: 'V1PodSpec.nodeSelector' }, ({ spec }) => formatLabels(spec?.template?.spec?.nodeSelector)),
    ageColumn,
    ...containerColumns<V1DaemonSet>(({ spec }) => spec?.template?.spec?.containers),
    textColumn('Selector', 'A label query over pods that are managed by the daemon set. Must match in order to be controlled. If empty, defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors', ({ spec }) => formatLabelSelector(spec?.selector), 1),
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

/** Counts the templates that a set has had. Other workloads have given up on that; this one's pods still bear the number. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function setTemplateGeneration({ metadata }: IncomingObject<V1DaemonSet>, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function templateGeneration(annotations: Readonly<Record<string, string>> | undefined): number {
  const text = annotations?.[TEMPLATE_GENERATION] ?? '';
  return /^\d+$/.test(text) ? Number(text) : 0;
}

function validate(object: IncomingObject<V1DaemonSet>): FieldError[] {
  const spec: Partial<V1DaemonSetSpec> = object.spec ?? {};
  return [
    ...validateSelector(spec),
    ...validateLongRunningTemplate('spec.template', spec.template, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateStrategy(spec),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

/** Without a selector it is the labels that match nothing. */
function validateSelector({ selector, template }: Partial<V1DaemonSetSpec>): FieldError[] {
  const ofMatch = validateLabelSelector('spec.selector', selector).length > 0 ? [] : validateMatch('spec.template', template, selector);
  return selector ? [...validateWorkloadSelector('spec.selector', selector, 'daemonset'), ...ofMatch] : ofMatch;
}

function validateStrategy({ updateStrategy }: Partial<V1DaemonSetSpec>): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {};
  const path = 'spec.updateStrategy.rollingUpdate';
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [notSupported('spec.updateStrategy', internalForm('DaemonSetUpdateStrategy', updateStrategy), ['RollingUpdate', 'OnDelete'])];
  if (!rollingUpdate) return [required(path)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [...validateCountOrPercent(`${path}.maxUnavailable`, maxUnavailable), ...validateCountOrPercent(`${path}.maxSurge`, maxSurge)];
  append(errors, notOver100Percent(`${path}.maxUnavailable`, maxUnavailable), notOver100Percent(`${path}.maxSurge`, maxSurge));
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

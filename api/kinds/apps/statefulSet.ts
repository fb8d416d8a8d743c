import type { V1StatefulSet, V1StatefulSetSpec } from '../../generated/types.ts';
import { forbidden, invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nonNegative, oneOf } from '../../validation/fields.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ageColumn, containerColumns, textColumn } from '../columns.ts';
import { setClaimSpecDefaults } from '../core/pod/volumeDefaults.ts';
import { claimSpecWarnings } from '../core/claimWarnings.ts';
import { templateWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateAvailable, validateCollisions, validateCounts, validateParts } from '../workloadStatus.ts';
import { isZero, notOver100Percent, setTemplateDefaults, validateCountOrPercent, validateLongRunningTemplate, validateWorkloadSelector } from '../workload.ts';

export const statefulSet = defineKind<V1StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  model: 'V1StatefulSet',
  hasStatus: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  hasGeneration: true,
  setDefaults,
  validate,
  warnings,
  validateUpdate,
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount']),
    ...validateParts(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']),
    ...validateAvailable(status, 'cannot be greater than status.readyReplicas'),
    ...validateCollisions(status?.collisionCount, previous.status?.collisionCount),
  ],
  columns: [
    textColumn('Ready', 'How many pods are ready, of how many wanted.', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    ageColumn,
    ...containerColumns<V1StatefulSet>(({ spec }) => spec?.template?.spec?.containers),
  ],
});

function warnings({ spec }: IncomingObject<V1StatefulSet>, previous?: V1StatefulSet): string[] {
  if (!spec || (previous && semanticEqual(spec, previous.spec))) return [];
  const ofClaims = (spec.volumeClaimTemplates ?? []).flatMap((claim, index) => claimSpecWarnings(`spec.volumeClaimTemplates[${index}]`, claim.spec ?? {}));
  const ofHistory = (spec.revisionHistoryLimit ?? 0) < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : [];
  return [...templateWarnings('spec.template', spec.template), ...ofClaims, ...ofHistory];
}

function setDefaults({ spec }: IncomingObject<V1StatefulSet>): void {
  if (!spec) return;
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.partition ??= 0;
  }
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  setTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ||= 'v1';
    claim.kind ||= 'PersistentVolumeClaim';
    if (claim.spec) setClaimSpecDefaults(claim.spec);
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  }
}

function validate(object: IncomingObject<V1StatefulSet>): FieldError[] {
  const spec: Partial<V1StatefulSetSpec> = object.spec ?? {};
  const { persistentVolumeClaimRetentionPolicy: retention } = spec;
  const policies = ['Retain', 'Delete'];
  return [
    ...oneOf('spec.podManagementPolicy', spec.podManagementPolicy, ['OrderedReady', 'Parallel']),
    ...validateUpdateStrategy(spec),
    ...oneOf('spec.persistentVolumeClaimRetentionPolicy.whenDeleted', retention?.whenDeleted, policies),
    ...oneOf('spec.persistentVolumeClaimRetentionPolicy.whenScaled', retention?.whenScaled, policies),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateWorkloadSelector('spec.selector', spec.selector, 'statefulset'),
    ...validateLongRunningTemplate('spec.template', withClaims(spec), spec.selector, 'StatefulSet'),
  ];
}

/** The template as its pods will be: containers may mount the claims, which become volumes when a pod is made. */
function withClaims({ template, volumeClaimTemplates = [] }: Partial<V1StatefulSetSpec>): V1StatefulSetSpec['template'] | undefined {
  if (!template?.spec || volumeClaimTemplates.length === 0) return template;
  const own = template.spec.volumes ?? [];
  const names = volumeClaimTemplates.flatMap(({ metadata }) => metadata?.name ?? []).filter((name) => !own.some((volume) => volume.name === name));
  const volumes = [...own, ...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))];
  return { ...template, spec: { ...template.spec, volumes } };
}

function validateUpdateStrategy({ updateStrategy }: Partial<V1StatefulSetSpec>): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {};
  const path = 'spec.updateStrategy';
  if (!type) return [required(path)];
  if (type === 'OnDelete') return rollingUpdate ? [invalid(`${path}.rollingUpdate`, rollingUpdate, 'only allowed for updateStrategy \'RollingUpdate\'')] : [];
  if (type !== 'RollingUpdate') return [invalid(path, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  const { partition, maxUnavailable } = rollingUpdate ?? {};
  const errors = [...nonNegative(`${path}.rollingUpdate.partition`, partition), ...validateCountOrPercent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable)];
  if (isZero(maxUnavailable)) errors.push(invalid(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'cannot be 0'));
  return [...errors, ...notOver100Percent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable)];
}

const CHANGEABLE = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'] as const;

function validateUpdate({ spec }: IncomingObject<V1StatefulSet>, previous: V1StatefulSet): FieldError[] {
  const [now, before] = [fixedPart(spec), fixedPart(previous.spec)];
  if (semanticEqual(now, before)) return [];
  const names = CHANGEABLE.slice(0, -1).map((each) => `'${each}'`).join(', ');
  return [forbidden('spec', `updates to statefulset spec for fields other than ${names} and 'minReadySeconds' are forbidden`)];
}

function fixedPart(spec: V1StatefulSetSpec | undefined): Partial<V1StatefulSetSpec> {
  const fixed: Partial<V1StatefulSetSpec> = { ...spec };
  for (const name of CHANGEABLE) delete fixed[name];
  return fixed;
}


import type { V1StatefulSet, V1StatefulSetSpec } from '../../generated/types.ts';
import { forbidden, invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, nonNegative, oneOf } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validateDns1123Label } from '../../validation/names.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ageColumn, containerColumns, textColumn } from '../columns.ts';
import { setClaimSpecDefaults } from '../core/pod/volumeDefaults.ts';
import { claimSpecWarnings } from '../core/claimWarnings.ts';
import { validateClaimSpec } from '../core/validateClaimSpec.ts';
import { templateWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { validateAvailable, validateCollisions, validateCounts, validateParts } from '../workloadStatus.ts';
import { isZero, notOver100Percent, setTemplateDefaults, validateCountOrPercent, validateEndless, validateSelectedTemplate } from '../workload.ts';
import { internalForm } from '../internalForm.ts';

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
  // It is part of the hostnames of its pods.
  validateName: validateDns1123Label,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  hasGeneration: true,
  setDefaults,
  validate,
  validateCreate,
  warnings,
  validateUpdate,
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount']),
    ...validateParts(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']),
    ...validateAvailable(status, 'cannot be greater than status.readyReplicas'),
    ...validateCollisions(status?.collisionCount, previous.status?.collisionCount),
  ],
  columns: [
    textColumn('Ready', 'Number of the pod with ready state', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
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
    ...validateManagement(spec.podManagementPolicy),
    ...validateUpdateStrategy(spec),
    ...oneOf('spec.persistentVolumeClaimRetentionPolicy.whenDeleted', retention?.whenDeleted, policies),
    ...oneOf('spec.persistentVolumeClaimRetentionPolicy.whenScaled', retention?.whenScaled, policies),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateSelected(spec),
  ];
}

/** What its pods could not be made with; what was created before the rules stays as it is. */
function validateCreate({ spec }: IncomingObject<V1StatefulSet>): FieldError[] {
  const { serviceName, volumeClaimTemplates = [] }: Partial<V1StatefulSetSpec> = spec ?? {};
  return [
    ...volumeClaimTemplates.flatMap((claim, index) => validateClaimSpec(`spec.volumeClaimTemplates[${index}].spec`, claim.spec ?? {})),
    // The subdomain of its pods.
    ...(serviceName ? invalidEach('spec.serviceName', serviceName, validateDns1123Label(serviceName)) : []),
  ];
}

function validateSelected(spec: Partial<V1StatefulSetSpec>): FieldError[] {
  const errors = validateSelectedTemplate(spec.selector, withClaims(spec), { selector: 'statefulset', template: 'StatefulSet', malformed: '' });
  return validateLabelSelector('spec.selector', spec.selector).length > 0 ? [...errors, ...validateEndless('spec.template', spec.template, 'StatefulSet')] : errors;
}

function validateManagement(policy: string | undefined): FieldError[] {
  const field = 'spec.podManagementPolicy';
  if (!policy) return [required(field)];
  return policy === 'OrderedReady' || policy === 'Parallel' ? [] : [invalid(field, policy, "must be 'OrderedReady' or 'Parallel'")];
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
  if (type === 'OnDelete') return rollingUpdate ? [invalid(`${path}.rollingUpdate`, internalForm('RollingUpdateStatefulSetStrategy', rollingUpdate), 'only allowed for updateStrategy \'RollingUpdate\'')] : [];
  if (type !== 'RollingUpdate') return [invalid(path, internalForm('StatefulSetUpdateStrategy', updateStrategy), "must be 'RollingUpdate' or 'OnDelete'")];
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


import type { ResourceV1ResourceClaim, V1DeviceClass, V1ResourceClaimTemplate, V1ResourceSlice } from '../../generated/types.ts';
import { immutable } from '../../validation/fields.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { adminAccessAsked, adminAccessGiven } from './adminAccess.ts';
import { claimStatusRights, dropGivenBack } from './claimStatusRights.ts';
import { setClaimDefaults, validateClaimSpec, validateDeviceClass } from './validateClaim.ts';
import { validateClaimStatus } from './validateClaimStatus.ts';
import { stampTaints, validateSlice, validateSliceUpdate } from './validateSlice.ts';

export const deviceClass = defineKind<V1DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  namespaced: false,
  model: 'V1DeviceClass',
  hasGeneration: true,
  validate: ({ spec }) => validateDeviceClass(spec ?? {}),
  columns: [ageColumn],
});

export const resourceClaim = defineKind<ResourceV1ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  namespaced: true,
  model: 'ResourceV1ResourceClaim',
  hasStatus: true,
  statusKeepsMetadata: 'all',
  setDefaults: ({ spec }) => spec && setClaimDefaults(spec),
  validate: ({ spec }) => validateClaimSpec('spec', spec ?? {}),
  namespaceLabelNeed: ({ spec, status }, previous) => (previous ? adminAccessGiven(status?.allocation?.devices?.results, previous.status?.allocation?.devices?.results) : adminAccessAsked(spec?.devices?.requests)),
  prepareForStatusUpdate: dropGivenBack,
  statusRights: claimStatusRights,
  validateStatusUpdate: validateClaimStatus,
  validateUpdate: ({ spec }, previous) => immutable('spec', spec, previous.spec),
  columns: [
    textColumn('State', 'A summary of the current state (allocated, pending, reserved, etc.).', ({ metadata, status }) => {
      const end = metadata.deletionTimestamp === undefined ? [] : ['deleted'];
      if (!status?.allocation) return end[0] ?? 'pending';
      return [...end, 'allocated', ...(status.reservedFor?.length ? ['reserved'] : [])].join(',');
    }),
    ageColumn,
  ],
});

export const resourceClaimTemplate = defineKind<V1ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  namespaced: true,
  model: 'V1ResourceClaimTemplate',
  setDefaults: ({ spec }) => spec?.spec && setClaimDefaults(spec.spec),
  validate: ({ spec }) => validateClaimSpec('spec.spec', spec?.spec ?? {}),
  // The path is that of a claim, in Kubernetes as well.
  namespaceLabelNeed: ({ spec }, previous) => (previous ? undefined : adminAccessAsked(spec?.spec?.devices?.requests)),
  validateUpdate: ({ spec }, previous) => immutable('spec', spec, previous.spec),
  columns: [ageColumn],
});

export const resourceSlice = defineKind<V1ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  singular: 'resourceslice',
  namespaced: false,
  model: 'V1ResourceSlice',
  hasGeneration: true,
  // What is created is of the time at which it is.
  prepareForCreate: (object) => stampTaints(object, undefined, object.metadata.creationTimestamp ?? ''),
  prepareForUpdate: (object, previous, now) => stampTaints(object, previous, now ?? previous.metadata.creationTimestamp),
  validate: validateSlice,
  validateUpdate: validateSliceUpdate,
  columns: [
    textColumn('Node', { of: 'V1ResourceSliceSpec.nodeName' }, ({ spec }) => spec?.nodeName || '<unset>'),
    textColumn('Driver', { of: 'V1ResourceSliceSpec.driver' }, ({ spec }) => spec?.driver ?? ''),
    textColumn('Pool', { of: 'V1ResourcePool.name' }, ({ spec }) => spec?.pool?.name ?? ''),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.nodeName': spec?.nodeName ?? '', 'spec.driver': spec?.driver ?? '' }),
});

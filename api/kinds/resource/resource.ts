import type { ResourceV1ResourceClaim, V1DeviceClass, V1ResourceClaimTemplate, V1ResourceSlice } from '../../generated/types.ts';
import { strictlyImmutable } from '../../validation/fields.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { setClaimDefaults, validateClaimSpec, validateClaimStatus, validateDeviceClass } from './validateClaim.ts';
import { validateSlice, validateSliceUpdate } from './validateSlice.ts';

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
  setDefaults: ({ spec }) => spec && setClaimDefaults(spec),
  validate: ({ spec }) => validateClaimSpec('spec', spec ?? {}),
  validateStatusUpdate: validateClaimStatus,
  validateUpdate: ({ spec }, previous) => strictlyImmutable('spec', spec, previous.spec),
  columns: [
    textColumn('State', 'Whether it was allocated and is in use.', ({ metadata, status }) => {
      const states = [metadata.deletionTimestamp === undefined ? '' : 'deleted', status?.allocation ? 'allocated' : '', status?.reservedFor?.length ? 'reserved' : ''].filter(Boolean);
      return states.length > 0 ? states.join(',') : 'pending';
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
  validateUpdate: ({ spec }, previous) => strictlyImmutable('spec', spec, previous.spec),
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
  validate: validateSlice,
  validateUpdate: validateSliceUpdate,
  columns: [
    textColumn('Node', 'The node that has the devices.', ({ spec }) => spec?.nodeName || '<unset>'),
    textColumn('Driver', 'The driver that manages them.', ({ spec }) => spec?.driver ?? ''),
    textColumn('Pool', 'The pool that they belong to.', ({ spec }) => spec?.pool?.name ?? ''),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.nodeName': spec?.nodeName ?? '', 'spec.driver': spec?.driver ?? '' }),
});

import type { V1ResourceQuota } from '../../generated/types.ts';
import type { FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, oneOf } from '../../validation/fields.ts';
import { validateResourceQuantity } from '../../validation/resources.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const SCOPES = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass'];

export const resourceQuota = defineKind<V1ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  model: 'V1ResourceQuota',
  hasStatus: true,
  setDefaults({ spec, status }) {
    canonicalizeResources(spec?.hard);
    canonicalizeResources(status?.hard);
    canonicalizeResources(status?.used);
  },
  validate,
  validateUpdate: ({ spec }, previous) => immutable('spec.scopes', spec?.scopes?.toSorted(), previous.spec?.scopes?.toSorted()),
  columns: [
    textColumn('Request', 'What is used of the requests, and how much may be.', (quota) => usage(quota, false)),
    textColumn('Limit', 'What is used of the limits, and how much may be.', (quota) => usage(quota, true)),
    ageColumn,
  ],
});

function validate({ spec }: IncomingObject<V1ResourceQuota>): FieldError[] {
  return [
    ...Object.entries(spec?.hard ?? {}).flatMap(([name, amount]) => validateResourceQuantity(`spec.hard[${name}]`, name, amount)),
    ...(spec?.scopes ?? []).flatMap((scope) => oneOf('spec.scopes', scope, SCOPES)),
  ];
}

function usage({ status }: V1ResourceQuota, limits: boolean): string {
  const names = Object.keys(status?.hard ?? {}).filter((name) => name.startsWith('limits.') === limits).sort();
  return names.map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name] ?? '0'}`).join(', ');
}

import type { V1VolumeAttributesClass } from '../../generated/types.ts';
import { forbidden, required } from '../../fieldError.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateQualifiedName } from '../../validation/names.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateParameters } from './parameters.ts';

export const volumeAttributesClass = defineKind<V1VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  namespaced: false,
  model: 'V1VolumeAttributesClass',
  validate: ({ driverName, parameters }) => [...(driverName ? invalidEach('driverName', driverName, validateQualifiedName(driverName.toLowerCase())) : [required('driverName')]), ...validateParameters('parameters', parameters, false)],
  validateUpdate: (object, previous) => [
    ...(object.driverName === previous.driverName ? [] : [forbidden('driverName', 'updates to driverName are forbidden.')]),
    ...(semanticEqual(object.parameters, previous.parameters) ? [] : [forbidden('parameters', 'updates to parameters are forbidden.')]),
  ],
  columns: [textColumn('DriverName', { of: 'V1VolumeAttributesClass.driverName' }, ({ driverName }) => driverName), ageColumn],
});

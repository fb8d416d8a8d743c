import type { V1ControllerRevision } from '../../generated/types.ts';
import { required } from '../../fieldError.ts';
import { immutable, nonNegative } from '../../validation/fields.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const controllerRevision = defineKind<V1ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  model: 'V1ControllerRevision',
  validate: ({ revision, data }: Pick<Partial<V1ControllerRevision>, 'revision' | 'data'>) => [...(data === undefined ? [required('data', 'data is mandatory')] : []), ...nonNegative('revision', revision)],
  validateCreate: ({ data }: Pick<Partial<V1ControllerRevision>, 'data'>) => (data !== undefined && (typeof data !== 'object' || Array.isArray(data)) ? [required('data', 'data must be a valid JSON object')] : []),
  validateUpdate: (object, previous) => immutable('data', object.data, previous.data),
  columns: [
    textColumn('Controller', 'Controller of the object', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find((each) => each.controller);
      if (!owner) return '<none>';
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.slice(0, owner.apiVersion.indexOf('/'))}` : '';
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    }),
    textColumn('Revision', { of: 'V1ControllerRevision.revision' }, ({ revision }) => revision),
    ageColumn,
  ],
});

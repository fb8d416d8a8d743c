import type { V1ControllerRevision } from '../../generated/types.ts';
import { invalid } from '../../fieldError.ts';
import { immutable } from '../../validation/fields.ts';
import { NON_NEGATIVE_MESSAGE } from '../../validation/names.ts';
import { ageColumn, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const controllerRevision = defineKind<V1ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  model: 'V1ControllerRevision',
  validate: ({ revision }) => (revision < 0 ? [invalid('revision', revision, NON_NEGATIVE_MESSAGE)] : []),
  validateUpdate: (object, previous) => immutable('data', object.data, previous.data),
  columns: [
    textColumn('Controller', 'What it is a revision of.', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find((each) => each.controller);
      if (!owner) return '<none>';
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.slice(0, owner.apiVersion.indexOf('/'))}` : '';
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    }),
    integerColumn('Revision', 'Its number in the order of revisions.', ({ revision }) => revision),
    ageColumn,
  ],
});

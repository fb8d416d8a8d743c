import type { V1RuntimeClass } from '../../generated/types.ts';
import { required } from '../../fieldError.ts';
import { invalidEach, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1123Label } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const runtimeClass = defineKind<V1RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  model: 'V1RuntimeClass',
  unconditionalUpdate: false,
  validate: ({ handler }) => (handler ? invalidEach('handler', handler, validateDns1123Label(handler)) : [required('handler')]),
  validateUpdate: (object, previous) => strictlyImmutable('handler', object.handler, previous.handler),
  columns: [textColumn('Handler', 'What the container runtime calls it.', ({ handler }) => handler), ageColumn],
});

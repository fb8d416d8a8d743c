import type { V1LimitRange } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const limitRange = defineKind<V1LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  model: 'V1LimitRange',
  createOnUpdate: true,
});

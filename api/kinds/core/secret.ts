import type { V1Secret } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const secret = defineKind<V1Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  model: 'V1Secret',
});

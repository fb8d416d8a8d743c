import type { V1Node } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const node = defineKind<V1Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  model: 'V1Node',
  hasStatus: true,
});

import type { V1RuntimeClass } from '../../generated/types.ts';
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
});

import type { V1ComponentStatus } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const componentStatus = defineKind<V1ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  verbs: ['get', 'list'],
  model: 'V1ComponentStatus',
});

import type { V1Endpoints } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const endpoints = defineKind<V1Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  model: 'V1Endpoints',
  createOnUpdate: true,
});

import type { V1PodTemplate } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const podTemplate = defineKind<V1PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  model: 'V1PodTemplate',
  hasGeneration: true,
});

import type { V1FlowSchema, V1PriorityLevelConfiguration } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const flowSchema = defineKind<V1FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  model: 'V1FlowSchema',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
});

export const priorityLevelConfiguration = defineKind<V1PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  model: 'V1PriorityLevelConfiguration',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
});

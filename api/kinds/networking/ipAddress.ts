import type { V1IPAddress } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const ipAddress = defineKind<V1IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  model: 'V1IPAddress',
  unconditionalUpdate: false,
});

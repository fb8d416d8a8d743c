import type { V1ComponentStatus } from '../../generated/types.ts';
import { textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const healthy = ({ conditions }: V1ComponentStatus): { readonly status: string; readonly message?: string; readonly error?: string } | undefined => conditions?.find((each) => each.type === 'Healthy');

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
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    textColumn('Status', 'Status of the component conditions', (component) => {
      const status = healthy(component)?.status ?? '';
      return status === 'True' ? 'Healthy' : status === 'False' ? 'Unhealthy' : 'Unknown';
    }),
    textColumn('Message', 'Message of the component conditions', (component) => healthy(component)?.message ?? ''),
    textColumn('Error', 'Error of the component conditions', (component) => healthy(component)?.error ?? ''),
  ],
});

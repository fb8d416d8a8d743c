import type { V1Node } from '../../generated/types.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { LABEL_NODE_ROLE_PREFIX } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateNode, validateNodeReport, validateNodeUpdate } from './validateNode.ts';

const UNKNOWN = '<unknown>';

const columns: readonly TableColumn<V1Node>[] = [
  textColumn('Status', 'The status of the node', formatStatus),
  textColumn('Roles', 'The roles of the node', formatRoles),
  ageColumn,
  textColumn('Version', { of: 'V1NodeSystemInfo.kubeletVersion' }, ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  textColumn('Internal-IP', { of: 'V1NodeStatus.addresses' }, (node) => addressOf(node, 'InternalIP'), 1),
  textColumn('External-IP', { of: 'V1NodeStatus.addresses' }, (node) => addressOf(node, 'ExternalIP'), 1),
  textColumn('OS-Image', { of: 'V1NodeSystemInfo.osImage' }, ({ status }) => status?.nodeInfo?.osImage || UNKNOWN, 1),
  textColumn('Kernel-Version', { of: 'V1NodeSystemInfo.kernelVersion' }, ({ status }) => status?.nodeInfo?.kernelVersion || UNKNOWN, 1),
  textColumn('Container-Runtime', { of: 'V1NodeSystemInfo.containerRuntimeVersion' }, ({ status }) => status?.nodeInfo?.containerRuntimeVersion || UNKNOWN, 1),
];

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
  statusOnCreate: true,
  setDefaults,
  validate: validateNode,
  warnings: nodeWarnings,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: (object, previous) => [...validateNodeReport(object), ...validateNodeUpdate(object, previous)],
  columns,
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
});

function setDefaults({ spec, status }: IncomingObject<V1Node>): void {
  if (spec?.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR];
  else if (spec?.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0];
  if (!status) return;
  canonicalizeResources(status.capacity);
  canonicalizeResources(status.allocatable);
  if (status.capacity) status.allocatable ??= { ...status.capacity };
}

function formatStatus({ spec, status }: V1Node): string {
  const ready = status?.conditions?.find((each) => each.type === 'Ready');
  const text = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

function formatRoles({ metadata }: V1Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(LABEL_NODE_ROLE_PREFIX) && key.length > LABEL_NODE_ROLE_PREFIX.length) roles.add(key.slice(LABEL_NODE_ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}

function addressOf({ status }: V1Node, type: string): string {
  return status?.addresses?.find((each) => each.type === type)?.address ?? '<none>';
}

/** Of fields that nobody looks at any more (`fieldIsDeprecatedWarnings`). */
function nodeWarnings({ spec }: IncomingObject<V1Node>): string[] {
  return [
    ...(spec?.configSource ? ['spec.configSource: the feature is no longer supported'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ];
}

import { loadSchema } from '../schema/schema.ts';
import type { KubeObject } from '../meta.ts';
import { builtinDefinitions } from './index.ts';

const AGO = '2026-01-01T00:00:00Z';
const NOW = Date.parse('2026-01-01T00:05:00Z');
const definition = (kind: string): (typeof builtinDefinitions)[number] => builtinDefinitions.find((each) => each.kind === kind)!;

function cells(kind: string, object: object, names: readonly string[]): unknown[] {
  const metadata = { name: 'n', uid: '', resourceVersion: '', creationTimestamp: AGO, ...(object as Partial<KubeObject>).metadata };
  const whole = { apiVersion: '', kind, ...object, metadata };
  return names.map((name) => definition(kind).columns!.find((each) => each.name === name)!.value(whole, NOW));
}

test('a column that takes its description from a field names one that has it', () => {
  const descriptions = loadSchema().descriptions();
  const named = builtinDefinitions.flatMap(({ columns = [] }) => columns.flatMap(({ description }) => (typeof description === 'string' ? [] : [description.of.split('.') as [string, string]])));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(([model, property]) => !descriptions[model]?.[property])).toEqual([]);
});

// The heads that do not say of what sort their cells are, as those of Kubernetes' own printer.
test.each<[string, Record<string, string>]>([
  ['Deployment', { 'Up-to-date': 'string', Available: 'string' }],
  ['DaemonSet', { 'Up-to-date': 'integer', Available: 'integer' }],
  ['ConfigMap', { Data: 'string' }],
  ['Secret', { Data: 'string' }],
  ['ServiceAccount', { Secrets: 'string' }],
  ['ControllerRevision', { Revision: 'string' }],
  ['CronJob', { Suspend: 'boolean', Active: 'integer' }],
  ['Event', { Count: 'string' }],
  ['StorageClass', { AllowVolumeExpansion: 'string' }],
  ['CSIDriver', { AttachRequired: 'boolean' }],
  ['FlowSchema', { MatchingPrecedence: 'string' }],
  ['HorizontalPodAutoscaler', { MaxPods: 'string', Replicas: 'string' }],
])('the heads of %s', (kind, types) => {
  const columns = definition(kind).columns!;
  expect(Object.fromEntries(Object.keys(types).map((name) => [name, columns.find((each) => each.name === name)?.type]))).toEqual(types);
});

test('what is a name beside the name', () => {
  const named = builtinDefinitions.flatMap(({ kind, columns = [] }) => columns.filter(({ format }) => format === 'name').map(({ name }) => `${kind} ${name}`));
  expect([...new Set(named)]).toEqual(['Event Name', 'StorageClass Name', 'VolumeAttachment Attacher']);
});

const rules = (...hosts: (string | undefined)[]): object => ({ spec: { rules: hosts.map((host) => (host === undefined ? {} : { host })) } });
const balancer = (...ingress: object[]): object => ({ loadBalancer: { ingress } });
const subset = (addresses: number, ...ports: number[]): object => ({ addresses: Array.from({ length: addresses }, (_, index) => ({ ip: `10.0.0.${index + 1}` })), ports: ports.map((port) => ({ port })) });

test.each<[string, object, Record<string, unknown>]>([
  ['Ingress', rules(), { Hosts: '*', Address: '' }],
  ['Ingress', rules(undefined, ''), { Hosts: '*' }],
  ['Ingress', rules('a', undefined, 'b'), { Hosts: 'a,b' }],
  ['Ingress', rules('a', 'b', 'c'), { Hosts: 'a,b,c' }],
  ['Ingress', rules('a', 'b', 'c', undefined), { Hosts: 'a,b,c + 1 more...' }],
  ['Ingress', rules('a', undefined, 'b', 'c', 'd'), { Hosts: 'a,b,c + 2 more...' }],
  ['Ingress', { status: balancer({ ip: '2.2.2.2' }, { hostname: 'lb' }, { ip: '1.1.1.1', hostname: 'other' }, { ip: '2.2.2.2' }) }, { Address: '1.1.1.1,2.2.2.2,lb' }],
  ['Service', { spec: { type: 'LoadBalancer', externalIPs: ['9.9.9.9'] }, status: balancer({ ip: '2.2.2.2' }, { ip: '1.1.1.1' }) }, { 'External-IP': '1.1.1.1,2.2.2.2,9.9.9.9' }],
  ['Service', { spec: { type: 'LoadBalancer' } }, { 'External-IP': '<pending>' }],
  ['Service', { spec: { type: 'ExternalName', externalName: 'x.example' } }, { 'External-IP': 'x.example', 'Cluster-IP': '<none>', 'Port(s)': '<none>' }],
  ['Service', { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30000, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }] } }, { 'External-IP': '<none>', 'Port(s)': '80:30000/TCP,53/UDP' }],
  ['Service', { spec: { type: '' } }, { 'External-IP': '<unknown>' }],
  ['Endpoints', {}, { Endpoints: '<none>' }],
  ['Endpoints', { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 1 }] }] }, { Endpoints: '' }],
  ['Endpoints', { subsets: [subset(2), subset(2, 80, 81)] }, { Endpoints: '10.0.0.1,10.0.0.2,10.0.0.1:80 + 3 more...' }],
  ['ResourceClaim', {}, { State: 'pending' }],
  ['ResourceClaim', { metadata: { deletionTimestamp: AGO } }, { State: 'deleted' }],
  ['ResourceClaim', { status: { reservedFor: [{}] } }, { State: 'pending' }],
  ['ResourceClaim', { metadata: { deletionTimestamp: AGO }, status: { allocation: {}, reservedFor: [{}] } }, { State: 'deleted,allocated,reserved' }],
  ['FlowSchema', { spec: { matchingPrecedence: 100, priorityLevelConfiguration: { name: 'p' } } }, { MatchingPrecedence: 100, DistinguisherMethod: '<none>', MissingPL: '?', PriorityLevel: 'p' }],
  ['PriorityLevelConfiguration', { spec: { type: 'Exempt' } }, { NominalConcurrencyShares: '<none>', Queues: '<none>' }],
  ['PriorityLevelConfiguration', { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { queuing: { queues: 1, handSize: 2, queueLengthLimit: 3 } } } } }, { NominalConcurrencyShares: 0, Queues: 1, HandSize: 2, QueueLengthLimit: 3 }],
  ['CronJob', { spec: { schedule: '0 0 1 1 *', suspend: false }, status: { lastScheduleTime: AGO } }, { Suspend: 'False', 'Last Schedule': '5m', Timezone: '<none>', Active: 0 }],
  ['Job', { spec: { parallelism: 5 }, status: { succeeded: 2 } }, { Completions: '2/1 of 5', Status: 'Running', Duration: '' }],
  ['CSIDriver', { spec: {} }, { AttachRequired: true, PodInfoOnMount: false, TokenRequests: '<unset>', Modes: '<none>' }],
  ['PersistentVolumeClaim', { spec: {}, status: { phase: 'Pending', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } }, { Capacity: '', 'Access Modes': '', StorageClass: '' }],
  ['ValidatingAdmissionPolicyBinding', { spec: { paramRef: { name: 'x' } } }, { ParamRef: '*/x' }],
  ['PodDisruptionBudget', { spec: { minAvailable: '50%' } }, { 'Min Available': '50%', 'Max Unavailable': 'N/A' }],
  ['Node', { metadata: { labels: { 'node-role.kubernetes.io/b': '', 'kubernetes.io/role': 'a', 'node-role.kubernetes.io/': '' } }, spec: { unschedulable: true } }, { Status: 'Unknown,SchedulingDisabled', Roles: 'a,b', 'OS-Image': '<unknown>' }],
])('the cells of %s: %j', (kind, object, expected) => {
  expect(cells(kind, object, Object.keys(expected))).toEqual(Object.values(expected));
});

test('a pod that has ended says so beside its row', () => {
  const of = (phase: string): unknown => definition('Pod').rowConditions!({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: '', resourceVersion: '', creationTimestamp: AGO }, status: { phase } } as KubeObject);
  expect([of('Running'), of('Succeeded'), of('Failed')]).toEqual([
    undefined,
    [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }],
    [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
  ]);
});

test('flow schemas stand in the order in which they are tried', () => {
  const schema = (name: string, matchingPrecedence: number): KubeObject => ({ apiVersion: '', kind: 'FlowSchema', metadata: { name, uid: '', resourceVersion: '', creationTimestamp: AGO }, spec: { matchingPrecedence } } as KubeObject);
  expect([schema('b', 2), schema('a', 2), schema('z', 1)].toSorted(definition('FlowSchema').tableOrder).map(({ metadata }) => metadata.name)).toEqual(['z', 'a', 'b']);
});

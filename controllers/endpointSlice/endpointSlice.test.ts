import type { V1EndpointSlice, V1Pod, V1Service } from '../../api/generated/types.ts';
import { endpointGroups } from './endpoints.ts';
import { sliceChanges } from './sliceChanges.ts';

const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const service: V1Service = { apiVersion: 'v1', kind: 'Service', metadata: meta('web'), spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] } };
const pod = (name: string, ip: string, port = 8080, ready = true): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta(name),
  spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }] },
  status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const groupsOf = (pods: readonly V1Pod[], of = service) => endpointGroups(of, pods, () => undefined);
const asStored = (draft: object, name: string): V1EndpointSlice => ({ ...(draft as V1EndpointSlice), metadata: { ...(draft as V1EndpointSlice).metadata, ...meta(name) } });

test('ports are resolved by name in each pod, and pods that differ stand in slices of their own', () => {
  const groups = groupsOf([pod('a', '10.244.0.2'), pod('b', '10.244.0.3', 9090), pod('c', '')]);
  expect(groups.map((group) => [group.ports[0]?.port, group.endpoints.map((each) => each.addresses[0])])).toEqual([
    [8080, ['10.244.0.2']],
    [9090, ['10.244.0.3']],
  ]);
});

test('an unready pod is listed as such, unless the Service publishes it', () => {
  const unready = [pod('a', '10.244.0.2', 8080, false)];
  expect(groupsOf(unready)[0]?.endpoints[0]?.conditions).toEqual({ ready: false, serving: false, terminating: false });
  const publishing = { ...service, spec: { ...service.spec, publishNotReadyAddresses: true } };
  expect(groupsOf(unready, publishing)[0]?.endpoints[0]?.conditions?.ready).toBe(true);
});

test('what stands right is left alone; a change of one pod writes one slice', () => {
  const pods = Array.from({ length: 150 }, (_, at) => pod(`p${at}`, `10.244.0.${at}`));
  const first = sliceChanges(service, groupsOf(pods), []);
  expect(first.create.map((slice) => slice.endpoints?.length)).toEqual([100, 50]);
  const standing = first.create.map((draft, at) => asStored(draft, `web-${at}`));
  expect(sliceChanges(service, groupsOf(pods), standing)).toEqual({ create: [], update: [], delete: [], unchanged: standing });
  const changed = sliceChanges(service, groupsOf([...pods.slice(1), pod('new', '10.244.1.1')]), standing);
  expect([changed.create.length, changed.update.map((slice) => slice.metadata.name), changed.delete.length]).toEqual([0, ['web-0'], 0]);
});

test('a Service without pods keeps one empty slice', () => {
  const { create } = sliceChanges(service, groupsOf([]), []);
  expect(create).toHaveLength(1);
  const emptySlice = asStored(create[0]!, 'web-empty');
  expect(sliceChanges(service, groupsOf([]), [emptySlice])).toEqual({ create: [], update: [], delete: [], unchanged: [emptySlice] });
  const filled = sliceChanges(service, groupsOf([pod('a', '10.244.0.2')]), [emptySlice]);
  expect([filled.create.length, filled.delete.map((slice) => slice.metadata.name)]).toEqual([1, ['web-empty']]);
});

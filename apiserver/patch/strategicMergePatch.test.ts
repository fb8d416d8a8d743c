import { loadSchema } from '../../api/schema/schema.ts';
import { applyStrategicMergePatch } from './strategicMergePatch.ts';

const schema = loadSchema();

function patchSpec(model: string, spec: unknown, patch: unknown): unknown {
  const current = { spec };
  const before = JSON.stringify([current, patch]);
  const result = applyStrategicMergePatch(schema, schema.model(model), current, { spec: patch });
  expect(JSON.stringify([current, patch])).toBe(before);
  return result['spec'];
}

const pod = (spec: unknown, patch: unknown): unknown => patchSpec('V1Pod', spec, patch);
const withContainer = (container: object): object => ({ containers: [{ name: 'a', ...container }] });

describe('lists that merge by key', () => {
  it('kubectl set image changes one container and keeps the others', () => {
    const spec = { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }, { name: 'log', image: 'log:1' }] } } };
    const patch = { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } };
    expect(patchSpec('V1Deployment', spec, patch)).toEqual({
      replicas: 3,
      template: { spec: { containers: [{ name: 'web', image: 'web:2', ports: [{ containerPort: 80 }] }, { name: 'log', image: 'log:1' }] } },
    });
  });
  it('an item with a new key comes first, as Kubernetes orders it', () => {
    expect(pod({ containers: [{ name: 'a' }] }, { containers: [{ name: 'b', image: 'x' }] })).toEqual({ containers: [{ name: 'b', image: 'x' }, { name: 'a' }] });
  });
  it('environment variables merge by name and switch from value to valueFrom', () => {
    const spec = withContainer({ env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] });
    const patch = withContainer({ env: [{ name: 'B', value: null, valueFrom: { fieldRef: { fieldPath: 'x' } } }, { name: 'C', value: '3' }] });
    expect(pod(spec, patch)).toEqual(withContainer({ env: [{ name: 'A', value: '1' }, { name: 'B', valueFrom: { fieldRef: { fieldPath: 'x' } } }, { name: 'C', value: '3' }] }));
  });
  it('ports merge by containerPort, mounts by mountPath', () => {
    const spec = withContainer({ ports: [{ containerPort: 80, name: 'http' }], volumeMounts: [{ mountPath: '/data', name: 'd' }] });
    const patch = withContainer({ ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 443 }], volumeMounts: [{ mountPath: '/data', name: 'd', readOnly: true }] });
    expect(pod(spec, patch)).toEqual(withContainer({ ports: [{ containerPort: 80, name: 'http', hostPort: 8080 }, { containerPort: 443 }], volumeMounts: [{ mountPath: '/data', name: 'd', readOnly: true }] }));
  });
  it('service ports merge by port', () => {
    expect(patchSpec('V1Service', { ports: [{ port: 80, targetPort: 8080 }] }, { ports: [{ port: 80, nodePort: 30080 }] })).toEqual({ ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
  });
  it('conditions of a status merge by type', () => {
    const node = applyStrategicMergePatch(schema, schema.model('V1Node'), { status: { conditions: [{ type: 'Ready', status: 'True' }, { type: 'DiskPressure', status: 'False' }] } }, { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
    expect(node).toEqual({ status: { conditions: [{ type: 'Ready', status: 'False' }, { type: 'DiskPressure', status: 'False' }] } });
  });
  it('an item without its key is refused', () => {
    expect(() => pod({ containers: [{ name: 'a' }] }, { containers: [{ image: 'x' }] })).toThrow('map: map[image:x] does not contain declared merge key: name');
  });
});

describe('lists that are replaced', () => {
  it('tolerations, args and readiness gates', () => {
    expect(pod({ tolerations: [{ key: 'a' }], containers: [{ name: 'a', args: ['1', '2'] }] }, { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['3'] }] })).toEqual({
      tolerations: [{ key: 'b' }],
      containers: [{ name: 'a', args: ['3'] }],
    });
  });
  it('taints of a node are replaced', () => {
    expect(patchSpec('V1Node', { taints: [{ key: 'a', effect: 'NoSchedule' }] }, { taints: [{ key: 'b', effect: 'NoExecute' }] })).toEqual({ taints: [{ key: 'b', effect: 'NoExecute' }] });
  });
});

describe('directives', () => {
  it('$patch: delete removes an item, or a map', () => {
    expect(pod({ containers: [{ name: 'a' }, { name: 'b' }] }, { containers: [{ $patch: 'delete', name: 'a' }] })).toEqual({ containers: [{ name: 'b' }] });
    expect(pod({ securityContext: { runAsUser: 1 }, hostname: 'h' }, { securityContext: { $patch: 'delete' } })).toEqual({ securityContext: {}, hostname: 'h' });
    expect(pod({ hostname: 'h' }, { securityContext: { $patch: 'delete' } })).toEqual({ hostname: 'h' });
  });
  it('$patch: replace replaces a map or a list', () => {
    expect(pod({ securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'replace', fsGroup: 2 } })).toEqual({ securityContext: { fsGroup: 2 } });
    expect(pod({ containers: [{ name: 'a' }, { name: 'b' }] }, { containers: [{ name: 'c' }, { $patch: 'replace' }] })).toEqual({ containers: [{ name: 'c' }] });
  });
  it.each([
    [{ securityContext: { $patch: 'merge', fsGroup: 2 } }, 'unknown patch type: merge in map: map[$patch:merge fsGroup:2]'],
    [{ $patch: 1 }, 'unknown patch type: %!s(int64=1) in map: map[$patch:1]'],
    [{ containers: [{ name: 'a', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [{ containers: [{ name: 'a', $patch: 'x' }] }, 'unknown patch type: x in map: map[$patch:x name:a]'],
    [{ containers: [{ $patch: 'delete' }] }, 'map: map[$patch:delete] does not contain declared merge key: name'],
    [{ containers: ['a'] }, 'list element types are not identical: [[map[name:a] map[name:b]] [a]]'],
    [{ '$setElementOrder/containers': 'a' }, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/containers': [{ name: 'a' }], containers: null }, 'expected a []interface {}, but received a %!s(<nil>)'],
    [{ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a', image: '1' }, { name: 'b', image: '1' }] }, "The order in patch list:\n[map[image:1 name:a] map[image:1 name:b]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n"],
    [{ '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] }, "doesn't match"],
    [{ '$setElementOrder/containers': [{ image: 'a' }] }, 'map: map[image:a] does not contain declared merge key: name'],
    [{ '$setElementOrder/frobs': ['a'] }, 'unable to find api field in struct PodSpec for the json field "frobs"'],
    [{ $setElementOrder: ['a'] }, 'invalid patch format of setElementOrder list'],
    [{ '$deleteFromPrimitiveListX/a': ['a'] }, 'invalid patch format of primitive list'],
  ])('%j is refused', (patch, message) => {
    expect(() => pod({ securityContext: { runAsUser: 1 }, containers: [{ name: 'a' }, { name: 'b' }] }, patch)).toThrow(message);
  });
  it('what a map replaces, or what comes where nothing was, is not looked at but for nulls and $patch', () => {
    expect(pod({ securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'replace', seLinuxOptions: { $patch: 'delete', user: null } } })).toEqual({ securityContext: { seLinuxOptions: { $patch: 'delete', user: null } } });
    expect(pod({}, { securityContext: { $patch: 'replace', fsGroup: 1 }, volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: null }, { name: 'w', $patch: 'replace' }] })).toEqual({ volumes: [{ name: 'v', $retainKeys: ['name'] }] });
    expect(pod({ containers: [{ name: 'a' }] }, { containers: [{ $patch: 'replace' }, { name: 'b' }, { name: 'b' }] })).toEqual({ containers: [{ name: 'b' }, { name: 'b' }] });
  });
  it('$retainKeys clears the other members of a union', () => {
    expect(pod({ volumes: [{ name: 'v', emptyDir: {} }] }, { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/' } }] })).toEqual({ volumes: [{ name: 'v', hostPath: { path: '/' } }] });
    expect(patchSpec('V1Deployment', { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }, { strategy: { $retainKeys: ['type'], type: 'Recreate' } })).toEqual({ strategy: { type: 'Recreate' } });
    expect(() => pod({}, { $retainKeys: ['a'], hostname: 'x' })).toThrow('invalid patch format of retainKeys');
  });
  it('$deleteFromPrimitiveList takes values out of a set', () => {
    const current = { metadata: { finalizers: ['a', 'b', 'c'] } };
    const patched = applyStrategicMergePatch(schema, schema.model('V1Pod'), current, { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'] } });
    expect(patched).toEqual({ metadata: { finalizers: ['a', 'c'] } });
    const both = { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'], '$setElementOrder/finalizers': ['d', 'a'], finalizers: ['d'] } };
    expect(applyStrategicMergePatch(schema, schema.model('V1Pod'), current, both)).toEqual({ metadata: { finalizers: ['d', 'a', 'c'] } });
  });
  it('$deleteFromPrimitiveList of what is not there adds nothing, and knows lists that are replaced', () => {
    expect(pod({ hostname: 'h' }, { '$deleteFromPrimitiveList/schedulingGates': ['a'] })).toEqual({ hostname: 'h' });
    expect(pod({ containers: [{ name: 'a', args: ['1', '2'] }] }, { containers: [{ name: 'a', '$deleteFromPrimitiveList/args': ['2', '3'] }] })).toEqual({ containers: [{ name: 'a', args: ['1'] }] });
    expect(pod({ hostname: 'h' }, { '$deleteFromPrimitiveList/hostname': ['h'] })).toEqual({ hostname: 'h' });
  });
  it('a deletion takes every item of its key', () => {
    expect(pod({ containers: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, { containers: [{ $patch: 'delete', name: 'a' }] })).toEqual({ containers: [{ name: 'b' }] });
  });
  it('what is deleted and added again in one patch stands where the patch has it, and what is replaced in its order', () => {
    expect(pod({ containers: [{ name: 'a' }, { name: 'b', args: ['x'] }] }, { containers: [{ name: 'b' }, { $patch: 'delete', name: 'b' }] })).toEqual({ containers: [{ name: 'b' }, { name: 'a' }] });
    expect(pod({ containers: [{ name: 'a' }, { name: 'b' }] }, { containers: [{ name: 'b' }, { name: 'a' }, { $patch: 'replace' }] })).toEqual({ containers: [{ name: 'b' }, { name: 'a' }] });
  });
  it('an item that takes the place of a deleted one comes behind those that only the server has', () => {
    const patch = { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'b' }, { $patch: 'delete', name: 'a' }] };
    expect(pod({ containers: [{ name: 'sidecar' }, { name: 'a' }] }, patch)).toEqual({ containers: [{ name: 'sidecar' }, { name: 'b' }] });
  });
  it('the order of the patch holds, and a missing item of the order is passed over', () => {
    const spec = { containers: [{ name: '1' }, { name: '2' }, { name: '3' }] };
    expect(pod(spec, { containers: [{ name: '3', image: 'c' }, { name: '1', image: 'a' }] })).toEqual({ containers: [{ name: '2' }, { name: '3', image: 'c' }, { name: '1', image: 'a' }] });
    expect(pod(spec, { '$setElementOrder/containers': [{ name: '3' }, { name: '4' }, { name: '1' }], containers: [{ name: '3', image: 'c' }] })).toEqual({ containers: [{ name: '2' }, { name: '3', image: 'c' }, { name: '1' }] });
  });
  it('sets of scalars merge without duplicates', () => {
    expect(applyStrategicMergePatch(schema, schema.model('V1Pod'), { metadata: { finalizers: ['a', 'b'] } }, { metadata: { finalizers: ['b', 'c'] } })).toEqual({ metadata: { finalizers: ['a', 'b', 'c'] } });
  });
});

describe('$setElementOrder', () => {
  it('orders the items of the client and leaves those of the server where they were', () => {
    const spec = { containers: [{ name: 'sidecar' }, { name: 'a', image: '1' }, { name: 'b' }] };
    const patch = { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a', image: '2' }] };
    expect(pod(spec, patch)).toEqual({ containers: [{ name: 'sidecar' }, { name: 'b' }, { name: 'a', image: '2' }] });
  });
  it('orders without a change of contents, and with additions and deletions', () => {
    const spec = { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] };
    expect(pod(spec, { '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }, { name: 'a' }] })).toEqual({ containers: [{ name: 'c' }, { name: 'b' }, { name: 'a' }] });
    const patch = { '$setElementOrder/containers': [{ name: 'd' }, { name: 'c' }, { name: 'a' }], containers: [{ name: 'd' }, { $patch: 'delete', name: 'b' }] };
    expect(pod(spec, patch)).toEqual({ containers: [{ name: 'd' }, { name: 'c' }, { name: 'a' }] });
  });
  it('of a list that the object does not have adds it', () => {
    expect(pod({}, { '$setElementOrder/imagePullSecrets': [{ name: 'a' }], imagePullSecrets: [{ name: 'a' }] })).toEqual({ imagePullSecrets: [{ name: 'a' }] });
    expect(pod({}, { '$setElementOrder/imagePullSecrets': [{ name: 'a' }] })).toEqual({});
  });
  it('of a list that is replaced orders what the patch puts there', () => {
    expect(pod({ tolerations: [{ key: 'a' }] }, { '$setElementOrder/tolerations': [{ key: 'b' }], tolerations: [{ key: 'b' }] })).toEqual({ tolerations: [{ key: 'b' }] });
  });
  it('inside a container: environment as kubectl apply sends it', () => {
    const spec = withContainer({ env: [{ name: 'OLD', value: '1' }, { name: 'KEEP', value: '2' }] });
    const patch = {
      '$setElementOrder/containers': [{ name: 'a' }],
      containers: [{ name: 'a', '$setElementOrder/env': [{ name: 'NEW' }, { name: 'KEEP' }], env: [{ name: 'NEW', value: '3' }, { $patch: 'delete', name: 'OLD' }] }],
    };
    expect(pod(spec, patch)).toEqual(withContainer({ env: [{ name: 'NEW', value: '3' }, { name: 'KEEP', value: '2' }] }));
  });
});

describe('maps and nulls', () => {
  it('labels merge, null removes, and nulls for what is absent vanish', () => {
    const current = { metadata: { labels: { a: '1', b: '2' } } };
    expect(applyStrategicMergePatch(schema, schema.model('V1Pod'), current, { metadata: { labels: { a: null, c: '3', d: null }, annotations: { x: null, y: 'z' } } })).toEqual({
      metadata: { labels: { b: '2', c: '3' }, annotations: { y: 'z' } },
    });
  });
  it('a selector merges, a type change replaces', () => {
    expect(patchSpec('V1Service', { selector: { a: '1' } }, { selector: { b: '2' } })).toEqual({ selector: { a: '1', b: '2' } });
    expect(pod({ containers: [{ name: 'a' }] }, { containers: 'x' })).toEqual({ containers: 'x' });
  });
  it('removes a list by null', () => {
    expect(pod({ volumes: [{ name: 'a' }], hostname: 'h' }, { volumes: null })).toEqual({ hostname: 'h' });
  });
});

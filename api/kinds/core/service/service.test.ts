import type { V1Service, V1ServiceSpec } from '../../../generated/types.ts';
import { service as definition } from './service.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function serviceOf(spec: V1ServiceSpec): V1Service {
  const service: V1Service = { apiVersion: 'v1', kind: 'Service', metadata, spec: structuredClone(spec) };
  definition.setDefaults?.(service);
  return service;
}

const errorsOf = (spec: V1ServiceSpec): string[] => (definition.validate?.(serviceOf(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('service', () => {
  it('gets defaults', () => {
    expect(serviceOf({ ports: [{ port: 80 }] }).spec).toEqual({ ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }], sessionAffinity: 'None', type: 'ClusterIP', internalTrafficPolicy: 'Cluster' });
    expect(serviceOf({ type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 80, targetPort: 'http' }] }).spec).toMatchObject({
      externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true, sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } }, ports: [{ targetPort: 'http' }],
    });
  });

  it.each<[V1ServiceSpec, string[]]>([
    [{ ports: [{ port: 80 }] }, []],
    [{ clusterIP: 'None' }, []],
    [{}, ['spec.ports: Required value']],
    [{ type: 'Other', ports: [{ port: 80 }] }, ['spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
    [{ ports: [{ port: 80 }, { port: 81 }] }, ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']],
    [{ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 80 }] }, ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80,"targetPort":0}']],
    [{ ports: [{ port: 80, nodePort: 30000 }] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    [{ type: 'ExternalName' }, ['spec.externalName: Required value']],
    [{ type: 'NodePort', clusterIP: 'None', ports: [{ port: 80 }] }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    [{ ports: [{ port: 80 }], externalTrafficPolicy: 'Local' }, ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
  ])('%j', (spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });

  it('keeps what was given out, and refuses to change it', () => {
    const previous = serviceOf({ type: 'NodePort', clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80, nodePort: 30001 }] });
    const next = serviceOf({ type: 'NodePort', ports: [{ port: 80 }] });
    definition.prepareForUpdate?.(next, previous);
    expect(next.spec).toMatchObject({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ nodePort: 30001 }] });
    expect(definition.validateUpdate?.(next, previous)).toEqual([]);
    const other = serviceOf({ type: 'NodePort', clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports: [{ port: 80 }] });
    expect(definition.validateUpdate?.(other, previous)?.map((each) => each.message)).toEqual(['Invalid value: ["10.96.0.10"]: may not change once set']);
  });

  it('drops what a new type does not have', () => {
    const previous = serviceOf({ type: 'NodePort', clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80, nodePort: 30001 }] });
    const next = structuredClone(previous);
    next.spec!.type = 'ClusterIP';
    definition.prepareForUpdate?.(next, previous);
    expect(next.spec?.ports?.[0]?.nodePort).toBeUndefined();
    expect(next.spec?.externalTrafficPolicy).toBeUndefined();
    expect(next.spec?.clusterIP).toBe('10.96.0.9');
  });

  it('shows itself', () => {
    const row = (spec: V1ServiceSpec): unknown[] => (definition.columns ?? []).map((each) => each.value(serviceOf(spec), Date.parse('2026-01-01T00:01:00Z')));
    expect(row({ type: 'NodePort', clusterIP: '10.96.0.1', selector: { a: 'b' }, ports: [{ name: 'x', port: 80, nodePort: 30080 }, { name: 'y', port: 53, protocol: 'UDP' }] })).toEqual(['NodePort', '10.96.0.1', '<none>', '80:30080/TCP,53/UDP', '60s', 'a=b']);
    expect(row({ type: 'LoadBalancer', ports: [{ port: 80 }] })[2]).toBe('<pending>');
    expect(row({ type: 'ExternalName', externalName: 'a.b' }).slice(0, 4)).toEqual(['ExternalName', '<none>', 'a.b', '<none>']);
  });
});

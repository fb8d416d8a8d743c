import type { V1Service, V1ServiceSpec } from '../../../generated/types.ts';
import { service as definition } from './service.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function serviceOf(spec: V1ServiceSpec): V1Service {
  const service: V1Service = { apiVersion: 'v1', kind: 'Service', metadata, spec: structuredClone(spec) };
  definition.setDefaults?.(service);
  definition.prepareForCreate?.(service);
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
    [{ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 80 }] }, ['spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}']],
    [{ ports: [{ port: 80, nodePort: 30000 }] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    [{ type: 'ExternalName' }, ['spec.externalName: Required value']],
    [{ type: 'NodePort', clusterIP: 'None', ports: [{ port: 80 }] }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    [{ ports: [{ port: 80 }], trafficDistribution: 'Near' }, ['spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"']],
    [{ ports: [{ port: 80 }], allocateLoadBalancerNodePorts: true, loadBalancerClass: 'a/b' }, ['allocateLoadBalancerNodePorts', 'loadBalancerClass'].map((name) => `spec.${name}: Forbidden: may only be used when \`type\` is 'LoadBalancer'`)],
    [{ ports: [{ port: 80 }], loadBalancerSourceRanges: ['10.0.0.0/8'] }, ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"]],
    [{ ports: [{ port: 80 }], clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'], ipFamilies: ['IPv6'] }, [
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family', 'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ]],
    [{ ports: [{ port: 80 }], clusterIP: 'None', clusterIPs: ['None', '10.0.0.2'] }, ['spec.clusterIPs: Invalid value: ["None","10.0.0.2"]: \'None\' must be the first and only value']],
    [{ ports: [{ port: 80 }], ipFamilies: ['IPv4', 'IPv4'], ipFamilyPolicy: 'Any' }, ['spec.ipFamilies[1]: Duplicate value: "IPv4"', 'spec.ipFamilyPolicy: Unsupported value: "Any": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"']],
    [{ type: 'ExternalName', externalName: 'a.b', ipFamilies: ['IPv4'] }, ['spec.ipFamilies: Forbidden: may not be set for ExternalName services']],
    [{ ports: [{ port: 80 }], sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }, ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400']],
    [{ ports: [{ port: 80 }], externalTrafficPolicy: 'Local' }, ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
  ])('%j', (spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });

  it('lets a second address come, and go with the policy', () => {
    const one: V1ServiceSpec = { ports: [{ port: 80 }], clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
    const two: V1ServiceSpec = { ...one, clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' };
    const update = (now: V1ServiceSpec, before: V1ServiceSpec): string[] => (definition.validateUpdate?.(serviceOf(now), serviceOf(before)) ?? []).map(({ field, message }) => `${field}: ${message}`);
    expect(update(two, one)).toEqual([]);
    expect(update(one, two)).toEqual([]);
    expect(update({ ...one, ipFamilyPolicy: 'PreferDualStack' }, two)).toEqual(['clusterIP', 'ipFamily'].map((name) => `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary ${name}`));
    expect(update({ ...one, ipFamilies: ['IPv6'] }, one)).toEqual(['spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set']);
  });

  it('has a status only where there is a balancer', () => {
    const status = { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { hostname: '10.0.0.1' }] } };
    const errors = (type: string): string[] => {
      const service = { ...serviceOf({ type, ports: [{ port: 80 }] }), status: structuredClone(status) };
      definition.setDefaults?.(service);
      return (definition.validateStatusUpdate?.(service, service) ?? []).map(({ field, message }) => `${field}: ${message}`);
    };
    expect(errors('ClusterIP')).toEqual(["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"]);
    expect(errors('LoadBalancer')).toEqual(['status.loadBalancer.ingress[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address']);
  });

  it('warns of what has no effect', () => {
    expect(definition.warnings?.(serviceOf({ ports: [{ port: 80 }], externalName: 'a.b', trafficDistribution: 'PreferClose', externalIPs: ['FD00::0001'] }))).toEqual([
      'spec.externalIPs[0]: IPv6 address "FD00::0001" should be in RFC 5952 canonical format ("fd00::1")',
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ]);
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

  it('gives its address up when it becomes a name elsewhere, whichever of the two fields says so', () => {
    const previous = serviceOf({ type: 'ClusterIP', clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ports: [{ port: 80 }] });
    for (const clusterIP of ['10.96.0.9', '', undefined]) {
      const next = structuredClone(previous);
      Object.assign(next.spec!, { type: 'ExternalName', externalName: 'a.b', clusterIP });
      definition.prepareForUpdate?.(next, previous);
      expect([next.spec?.clusterIP || undefined, next.spec?.clusterIPs, next.spec?.ipFamilies, next.spec?.ipFamilyPolicy]).toEqual([undefined, undefined, undefined, undefined]);
      expect(definition.validateUpdate?.(next, previous)).toEqual([]);
    }
  });

  it('shows itself', () => {
    const row = (spec: V1ServiceSpec): unknown[] => (definition.columns ?? []).map((each) => each.value(serviceOf(spec), Date.parse('2026-01-01T00:01:00Z')));
    expect(row({ type: 'NodePort', clusterIP: '10.96.0.1', selector: { a: 'b' }, ports: [{ name: 'x', port: 80, nodePort: 30080 }, { name: 'y', port: 53, protocol: 'UDP' }] })).toEqual(['NodePort', '10.96.0.1', '<none>', '80:30080/TCP,53/UDP', '60s', 'a=b']);
    expect(row({ type: 'LoadBalancer', ports: [{ port: 80 }] })[2]).toBe('<pending>');
    expect(row({ type: 'ExternalName', externalName: 'a.b' }).slice(0, 4)).toEqual(['ExternalName', '<none>', 'a.b', '<none>']);
  });
});

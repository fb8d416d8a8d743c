import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { ingress } from './ingress.ts';
import { ingressClass } from './ingressClass.ts';
import { ipAddress } from './ipAddress.ts';
import { networkPolicy } from './networkPolicy.ts';
import { serviceCIDR } from './serviceCIDR.ts';

const metadata = { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NOW = Date.parse('2026-01-01T00:01:00Z');

function objectOf(definition: ResourceDefinition, spec: object, more: object = {}): KubeObject & { spec: Record<string, unknown> } {
  const object = { apiVersion: 'networking.k8s.io/v1', kind: definition.kind, metadata, spec: structuredClone(spec) as Record<string, unknown>, ...more };
  definition.setDefaults?.(object);
  return object;
}

const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const errorsOf = (definition: ResourceDefinition, spec: object): string[] => texts(definition.validate?.(objectOf(definition, spec)));
const updateErrors = (definition: ResourceDefinition, spec: object, previous: object): string[] => texts(definition.validateUpdate?.(objectOf(definition, spec), objectOf(definition, previous)));
const row = (definition: ResourceDefinition, spec: object, more: object = {}): unknown[] => (definition.columns ?? []).map((each) => each.value(objectOf(definition, spec, more), NOW));

const service = { service: { name: 'web', port: { number: 80 } } };
const rule = (path: object): object => ({ rules: [{ http: { paths: [{ backend: service, ...path }] } }] });

describe('ingress', () => {
  it.each<[object, string[]]>([
    [{ defaultBackend: service }, []],
    [rule({ path: '/', pathType: 'Prefix' }), []],
    [rule({ pathType: 'ImplementationSpecific' }), []],
    [{}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
    [rule({ path: '/' }), ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified']],
    [rule({ path: 'a//b', pathType: 'Exact' }), ['spec.rules[0].http.paths[0].path: Invalid value: "a//b": must be an absolute path', "spec.rules[0].http.paths[0].path: Invalid value: \"a//b\": must not contain '//'"]],
    [rule({ path: '/', pathType: 'Regex' }), ['spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"']],
    [{ defaultBackend: { service: { name: 'web' } } }, ['spec.defaultBackend: Required value: port name or number is required']],
    [{ defaultBackend: { service: { name: '1web', port: { number: 80 } } } }, []],
    [{ defaultBackend: { service: { name: 'Web', port: { number: 80 } } } }, [expect.stringMatching(/^spec\.defaultBackend\.service\.name: Invalid value: "Web": a lowercase RFC 1123 label must consist of /) as string]],
    [{ defaultBackend: {} }, ['spec.defaultBackend: Invalid value: "": resource or service backend is required']],
    [{ defaultBackend: { resource: { kind: 'a/b', name: '..' } } }, ["spec.defaultBackend.resource.kind: Invalid value: \"a/b\": may not contain '/'", "spec.defaultBackend.resource.name: Invalid value: \"..\": may not be '..'"]],
    [{ defaultBackend: { resource: { apiGroup: 'a', kind: '', name: '' } } }, ['spec.defaultBackend.resource.kind: Required value: kind is required', 'spec.defaultBackend.resource.name: Required value: name is required']],
    [{ defaultBackend: service, rules: [{ host: '10.0.0.1' }] }, ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address']],
  ])('%j', (spec, messages) => {
    expect(errorsOf(ingress, spec)).toEqual(messages);
  });
  it('names its class once', () => {
    const object = objectOf(ingress, { ingressClassName: 'a', defaultBackend: service }, { metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'b' } } });
    expect(texts(ingress.validateCreate?.(object))).toEqual(['annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified']);
    const same = objectOf(ingress, { ingressClassName: 'b', defaultBackend: service }, { metadata: object.metadata });
    expect(texts(ingress.validateCreate?.(same))).toEqual([]);
    expect(ingress.warnings?.(same)).toEqual([`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`]);
    expect(ingress.warnings?.(same, same)).toEqual([]);
  });
  it('is reached by addresses and names', () => {
    const object = objectOf(ingress, { defaultBackend: service }, { status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { ip: 'x' }, { hostname: '10.0.0.1' }, { hostname: 'a_b' }] } } });
    expect(texts(ingress.validateStatusUpdate?.(object, object))).toEqual([
      'status.loadBalancer.ingress[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.loadBalancer.ingress[2].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
      expect.stringMatching(/^status\.loadBalancer\.ingress\[3\]\.hostname: Invalid value: "a_b": a lowercase RFC 1123 subdomain/),
    ]);
  });
  it('shows itself', () => {
    const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host }));
    expect(row(ingress, { rules, tls: [{}] }, { status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } } })).toEqual(['<none>', 'a,b,c + 1 more...', '10.0.0.1', '80, 443', '60s']);
    expect(row(ingress, { ingressClassName: 'nginx', rules: [{}] }).slice(0, 4)).toEqual(['nginx', '*', '', '80']);
  });
});

describe('network policy', () => {
  it('gets defaults', () => {
    expect(objectOf(networkPolicy, { podSelector: {}, egress: [{ ports: [{ port: 80 }] }] }).spec).toEqual({ podSelector: {}, egress: [{ ports: [{ port: 80, protocol: 'TCP' }] }], policyTypes: ['Ingress', 'Egress'] });
    expect(objectOf(networkPolicy, { podSelector: {} }).spec.policyTypes).toEqual(['Ingress']);
  });
  it.each<[object, string[]]>([
    [{ ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 'http' }, { port: 80, endPort: 90 }] }] }, []],
    [{ ingress: [{ from: [{}] }] }, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    [{ egress: [{ to: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] }, ['spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer']],
    [{ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/16'] } }] }] }, ['spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`', 'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`']],
    [{ egress: [{ to: [{ ipBlock: { cidr: '010.1.2.3/8', except: ['10.1.0.3/16', '11.0.0.3/16', 'x'] } }] }] }, [
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "010.1.2.3/8": must not have leading 0s in IP or prefix length',
      'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "10.1.0.3/16": must not have bits set beyond the prefix length',
      'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "11.0.0.3/16": must not have bits set beyond the prefix length', 'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "11.0.0.3/16": must be a strict subset of `cidr`',
      'spec.egress[0].to[0].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ]],
    [{ egress: [{ to: [{ ipBlock: { cidr: 'x', except: ['y'] } }] }] }, ['spec.egress[0].to[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
    [{ ingress: [{ ports: [{ endPort: 80 }, { port: 'http', endPort: 80 }, { port: 80, endPort: 70 }] }] }, [
      'spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified',
      'spec.ingress[0].ports[1].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
      'spec.ingress[0].ports[2].endPort: Invalid value: 70: must be greater than or equal to `port`',
    ]],
    [{ policyTypes: ['In'] }, ['spec.policyTypes[0]: Unsupported value: "In": supported values: "Ingress", "Egress"']],
    [{ policyTypes: ['In', 'Egress', 'Ingress'] }, ['spec.policyTypes: Invalid value: ["In","Egress","Ingress"]: may not specify more than two policyTypes']],
  ])('%j', (spec, messages) => {
    expect(errorsOf(networkPolicy, spec)).toEqual(messages);
  });
});

it('a network policy warns of ranges in an unusual form', () => {
  const spec = { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 'FD00::/8', except: ['fd00:0::/16'] } }] }] };
  expect(networkPolicy.warnings?.(objectOf(networkPolicy, spec))).toEqual([
    'spec.egress[0].to[0].ipBlock.cidr: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")',
    'spec.egress[0].to[0].ipBlock.except[0]: IPv6 CIDR value "fd00:0::/16" should be in RFC 5952 canonical format ("fd00::/16")',
  ]);
});

describe('ingress class', () => {
  it('names a controller', () => {
    expect(errorsOf(ingressClass, { controller: 'acme.io/ingress', parameters: { kind: 'P', name: 'p' } })).toEqual([]);
    expect(errorsOf(ingressClass, { controller: 'ingress' })).toEqual(['spec.controller: Invalid value: "ingress": must be a domain-prefixed path (such as "acme.io/foo")']);
    expect(errorsOf(ingressClass, { controller: 'acme.io/x', parameters: { kind: 'P', name: 'p', scope: 'Namespace' } })).toEqual(["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]);
    expect(errorsOf(ingressClass, { controller: 'acme.io/x', parameters: { kind: 'P', name: 'p', scope: 'Cluster', namespace: 'A' } })).toEqual(["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"]);
    expect(errorsOf(ingressClass, { controller: 'acme.io/x', parameters: { kind: 'P', name: 'p', scope: 'Namespace', namespace: '' } })).toEqual([expect.stringMatching(/^spec\.parameters\.namespace: Invalid value: "": a lowercase RFC 1123 label/)]);
    expect(row(ingressClass, { controller: 'acme.io/x', parameters: { kind: 'P', name: 'p', apiGroup: 'g' } })).toEqual(['acme.io/x', 'P.g/p', '60s']);
  });
});

describe('addresses and ranges', () => {
  it('show what an address belongs to', () => {
    expect(row(ipAddress, { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'web' } })).toEqual(['services/default/web', '60s']);
    expect(errorsOf(ipAddress, {})).toEqual(['spec.parentRef: Required value']);
  });
  it('let a range gain a second family only', () => {
    expect(errorsOf(serviceCIDR, {})).toEqual(['spec.cidrs: Required value: at least one CIDR required']);
    expect(errorsOf(serviceCIDR, { cidrs: ['10.0.0.0/24', '10.1.0.0/24'] })).toEqual(['spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64']);
    expect(errorsOf(serviceCIDR, { cidrs: ['10.0.0.1/24', '10.1.0.0/24'] })).toEqual(['spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length', expect.stringContaining('spec.cidrs: Invalid value: ["10.0.0.1/24","10.1.0.0/24"]: may specify no more')]);
    expect(errorsOf(serviceCIDR, { cidrs: ['a', 'b', 'c'] })).toEqual(['spec.cidrs: Invalid value: {"CIDRs":["a","b","c"]}: may only hold up to 2 values']);
    expect(updateErrors(serviceCIDR, { cidrs: ['10.0.0.0/24', 'fd00::/108'] }, { cidrs: ['10.0.0.0/24'] })).toEqual([]);
    expect(updateErrors(serviceCIDR, { cidrs: ['10.1.0.0/24'] }, { cidrs: ['10.0.0.0/24'] })).toEqual(['spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable']);
  });
});

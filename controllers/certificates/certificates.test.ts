import type { V1CertificateSigningRequest, V1Node } from '../../api/generated/types.ts';
import type { SigningRequest } from '../../process/signingRequest.ts';
import { recognize } from './approving.ts';
import { isOver } from './cleaner.ts';
import { isNodeCertificate, whyNotForNode } from './nodeCertificates.ts';
import { controlPlaneHost } from './nodeCertificatesApproving.ts';
import { withCondition } from './requestState.ts';
import { API_CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, SIGNERS, whyNotClientUsages, whyNotKubeletClient, whyNotKubeletServing } from './signers.ts';
import { validity } from './signing.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const HOUR = 3_600_000;
const CLIENT = ['client auth', 'digital signature'];
const SERVING = ['digital signature', 'server auth'];
const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:30:00Z' });
const asked = (change: Partial<SigningRequest> = {}): SigningRequest => ({ commonName: 'system:node:n1', organizations: ['system:nodes'], dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [], ...change });
const csr = (signerName: string, username: string, usages: string[], groups: string[] = ['system:nodes']): V1CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: meta('r'), spec: { request: '', signerName, username, groups, usages },
});
const node = (name: string, addresses: string[], labels: Record<string, string> = {}): V1Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { ...meta(name), labels }, status: { addresses: [{ type: 'Hostname', address: name }, ...addresses.map((address) => ({ type: 'InternalIP', address }))] },
});

describe('signers', () => {
  test('a kubelet\'s client is a node and nothing else', () => {
    expect(whyNotKubeletClient(asked(), CLIENT)).toBeUndefined();
    expect(whyNotKubeletClient(asked(), [...CLIENT, 'key encipherment'])).toBeUndefined();
    expect(whyNotKubeletClient(asked({ organizations: ['system:nodes', 'system:masters'] }), CLIENT)).toBe('subject organization is not system:nodes');
    expect(whyNotKubeletClient(asked({ dnsNames: ['n1'] }), CLIENT)).toBe('DNS subjectAltNames are not allowed');
    expect(whyNotKubeletClient(asked({ commonName: 'admin' }), CLIENT)).toBe('subject common name does not begin with system:node: ');
    expect(whyNotKubeletClient(asked(), SERVING)).toBe('usages did not match [client auth digital signature key encipherment]');
  });

  test('a kubelet\'s server has names', () => {
    expect(whyNotKubeletServing(asked({ dnsNames: ['n1'] }), SERVING)).toBeUndefined();
    expect(whyNotKubeletServing(asked(), SERVING)).toBe('DNS or IP subjectAltName is required');
    expect(whyNotKubeletServing(asked({ dnsNames: ['n1'], uris: ['a:b'] }), SERVING)).toBe('URI subjectAltNames are not allowed');
    expect(whyNotKubeletServing(asked({ dnsNames: ['n1'] }), [...SERVING, 'client auth'])).toBe('usages did not match [digital signature key encipherment server auth]');
  });

  test('a client of the API may only be a client', () => {
    expect(whyNotClientUsages(CLIENT)).toBeUndefined();
    expect(whyNotClientUsages([...CLIENT, 'server auth'])).toBe('invalid usage for client certificate: server auth');
    expect(whyNotClientUsages(['digital signature'])).toBe('missing required usage for client certificate: client auth');
  });

  test('the four signers of Kubernetes, of which the oldest has no rules', () => {
    expect(Object.keys(SIGNERS)).toEqual(['kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client', 'kubernetes.io/legacy-unknown']);
    expect(SIGNERS['kubernetes.io/legacy-unknown']?.(asked(), ['any'])).toBeUndefined();
  });

  test('a life is what was asked for, within bounds; a short one is not cut by the backdating', () => {
    const year = 365 * 24 * HOUR;
    expect(validity(undefined, year, NOW)).toEqual({ notBefore: NOW - 300_000, notAfter: NOW - 300_000 + year });
    expect(validity(3600, year, NOW).notAfter).toBe(NOW + HOUR);
    expect(validity(1, year, NOW).notAfter).toBe(NOW + 600_000);
    expect(validity(2 * 365 * 86_400, year, NOW).notAfter).toBe(NOW - 300_000 + year);
  });
});

test('only requests for a kubelet\'s client are recognized, a node\'s own as its own', () => {
  const ways = (username: string, request: SigningRequest = asked(), signer = KUBELET_CLIENT_SIGNER): string[] => recognize(csr(signer, username, CLIENT), () => request).map(({ subresource }) => subresource);
  expect(ways('system:bootstrap:abcdef')).toEqual(['nodeclient']);
  expect(ways('system:node:n1')).toEqual(['selfnodeclient', 'nodeclient']);
  expect(ways('system:node:n2')).toEqual(['nodeclient']);
  expect(ways('system:node:n1', asked({ ipAddresses: ['192.0.2.1'] }))).toEqual([]);
  expect(ways('system:node:n1', asked(), API_CLIENT_SIGNER)).toEqual([]);
});

describe('certificates of a node', () => {
  const world = { nodes: [node('n1', ['192.0.2.1', '10.96.0.1', '192.0.2.9', '192.0.2.2']), node('n2', ['192.0.2.2'])], servers: ['192.0.2.9'], serviceCIDR: '10.96.0.0/12' };
  const serving = (change: Partial<SigningRequest>, name = 'n1', nodes: readonly V1Node[] = world.nodes): string | undefined =>
    whyNotForNode(csr(KUBELET_SERVING_SIGNER, `system:node:${name}`, SERVING), asked(change), name, { ...world, nodes });

  test('a server\'s names are those of the node', () => {
    expect(serving({ dnsNames: ['n1'], ipAddresses: ['192.0.2.1'] })).toBeUndefined();
    expect(serving({ dnsNames: ['n1', 'n2'] })).toBe('n2 is not the name of the node');
    expect(serving({ ipAddresses: ['192.0.2.3'] })).toBe('192.0.2.3 is not an address of the node');
    expect(serving({ dnsNames: ['n1'], commonName: 'system:node:n2' })).toBe('the subject is not the node that asks');
    expect(serving({ dnsNames: ['n1'] }, 'n1', [])).toBe('there is no node n1 yet');
    expect(serving({ dnsNames: ['kubernetes.default'], commonName: 'system:node:kubernetes.default' }, 'kubernetes.default', [node('kubernetes.default', [])])).toBe('kubernetes.default is not the name of the node');
  });

  test('an address that the node only claims is not its own', () => {
    expect(serving({ ipAddresses: ['192.0.2.2'] })).toBe('192.0.2.2 is an address of node n2, too');
    expect(serving({ ipAddresses: ['10.96.0.1'] })).toBe('10.96.0.1 is in the range of Services');
    expect(serving({ ipAddresses: ['192.0.2.9'] })).toBe('192.0.2.9 is an API server\'s');
    expect(serving({ ipAddresses: ['192.0.2.9'] }, 'n1', [node('n1', ['192.0.2.9'], { 'node-role.kubernetes.io/control-plane': '' })])).toBeUndefined();
  });

  test('the components of a node get clients\' certificates without an organization', () => {
    const component = (change: Partial<SigningRequest>): string | undefined => whyNotForNode(csr(API_CLIENT_SIGNER, 'system:node:n1', CLIENT), asked({ organizations: [], commonName: 'system:kube-proxy', ...change }), 'n1', world);
    expect(component({})).toBeUndefined();
    expect(component({ commonName: 'gantry:node-network' })).toBeUndefined();
    expect(component({ commonName: 'kubernetes-admin' })).toBe('kubernetes-admin is not a component of a node');
    expect(component({ organizations: ['system:masters'] })).toBe('a component of a node has no organization');
  });

  test('nobody else is meant', () => {
    expect(isNodeCertificate(csr(API_CLIENT_SIGNER, 'system:node:n1', CLIENT))).toBe(true);
    expect(isNodeCertificate(csr(API_CLIENT_SIGNER, 'system:node:n1', CLIENT, ['system:authenticated']))).toBe(false);
    expect(isNodeCertificate(csr(API_CLIENT_SIGNER, 'jane', CLIENT))).toBe(false);
    expect(isNodeCertificate(csr(KUBELET_CLIENT_SIGNER, 'system:node:n1', CLIENT))).toBe(false);
  });

  test('what stands before the API servers is theirs', () => {
    expect(controlPlaneHost('{"controlPlaneEndpoint":"192.0.2.50:6443"}')).toBe('192.0.2.50');
    expect(controlPlaneHost('{"controlPlaneEndpoint":"[2001:db8::1]:6443"}')).toBe('2001:db8::1');
    expect(controlPlaneHost('{}')).toBeUndefined();
  });
});

test('requests go a day after nobody decided, and an hour after somebody did', () => {
  const request = csr(KUBELET_CLIENT_SIGNER, 'system:node:n1', CLIENT);
  expect(isOver(request, NOW)).toBe(false);
  expect(isOver(request, NOW + HOUR)).toBe(true);
  const approved = withCondition(request, 'Approved', 'AutoApproved', '', NOW);
  expect(isOver(approved, NOW + 100 * HOUR)).toBe(false);
  const failed = withCondition(approved, 'Failed', 'SignerValidationFailure', '', NOW);
  expect(isOver(failed, NOW + HOUR - 1)).toBe(false);
  expect(isOver(failed, NOW + HOUR + 1)).toBe(true);
});

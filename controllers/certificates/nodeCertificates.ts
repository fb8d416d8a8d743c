import type { V1CertificateSigningRequest, V1Node } from '../../api/generated/types.ts';
import type { SigningRequest } from '../../process/signingRequest.ts';
import { addressesOf, rangeContains } from './addresses.ts';
import { API_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, NODE_USER_PREFIX, NODES_GROUP, whyNotClientUsages, whyNotKubeletServing } from './signers.ts';

/** Who else speaks to the API server from every node, under names that are not the node's own. */
const NODE_COMPONENTS: ReadonlySet<string> = new Set(['system:kube-proxy', 'gantry:dns', 'gantry:node-network']);
/** Names under which the API server itself is known. */
const RESERVED_NAME = /^(localhost|kubernetes(\..*)?)$/;

/** What the decision looks at besides the request. */
export interface NodeCertificateWorld {
  readonly nodes: readonly V1Node[];
  /** Where API servers answer: their own addresses, and what stands before them. */
  readonly servers: readonly string[];
  /** e.g. `10.96.0.0/12`. */
  readonly serviceCIDR: string;
}

/** The node that asks, when the requestor is one. */
export function requestingNode({ spec }: V1CertificateSigningRequest): string | undefined {
  const { username = '', groups = [] } = spec;
  return groups.includes(NODES_GROUP) && username.startsWith(NODE_USER_PREFIX) ? username.slice(NODE_USER_PREFIX.length) : undefined;
}

/** Whether it is a request that this decision is about at all: of a node, and for one of the two signers. */
export function isNodeCertificate(request: V1CertificateSigningRequest): boolean {
  return requestingNode(request) !== undefined && (request.spec.signerName === KUBELET_SERVING_SIGNER || request.spec.signerName === API_CLIENT_SIGNER);
}

/**
 * Why a node may not have what it asks for; undefined when it may. A node gets a server's certificate for its own name and the
 * addresses of its status, and the client certificates of the components that run on every node. Since a node writes its status
 * itself, no address counts that is another's: of another node, of a Service, of an API server (unless it is a control plane).
 */
export function whyNotForNode({ spec }: V1CertificateSigningRequest, request: SigningRequest, name: string, world: NodeCertificateWorld): string | undefined {
  const usages = spec.usages ?? [];
  if (spec.signerName === API_CLIENT_SIGNER) return whyNotComponent(request, usages);
  if (request.commonName !== `${NODE_USER_PREFIX}${name}`) return 'the subject is not the node that asks';
  const refusal = whyNotKubeletServing(request, usages);
  if (refusal !== undefined) return refusal;
  const node = world.nodes.find(({ metadata }) => metadata.name === name);
  if (node === undefined) return `there is no node ${name} yet`;
  const foreignName = request.dnsNames.find((dnsName) => dnsName !== name || RESERVED_NAME.test(dnsName));
  if (foreignName !== undefined) return `${foreignName} is not the name of the node`;
  for (const address of request.ipAddresses) {
    const reason = whyNotAddress(address, node, world);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyNotComponent(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!NODE_COMPONENTS.has(request.commonName)) return `${request.commonName} is not a component of a node`;
  if (request.organizations.length > 0) return 'a component of a node has no organization';
  if ([request.dnsNames, request.ipAddresses, request.emailAddresses, request.uris].some((names) => names.length > 0)) return 'a component of a node has no subjectAltNames';
  return whyNotClientUsages(usages);
}

function whyNotAddress(address: string, node: V1Node, { nodes, servers, serviceCIDR }: NodeCertificateWorld): string | undefined {
  if (!addressesOf(node).includes(address)) return `${address} is not an address of the node`;
  const other = nodes.find((each) => each !== node && addressesOf(each).includes(address));
  if (other !== undefined) return `${address} is an address of node ${other.metadata.name}, too`;
  if (rangeContains(serviceCIDR, address)) return `${address} is in the range of Services`;
  const isControlPlane = node.metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined;
  return servers.includes(address) && !isControlPlane ? `${address} is an API server's` : undefined;
}

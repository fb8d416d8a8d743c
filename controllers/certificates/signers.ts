import type { SigningRequest } from '../../process/signingRequest.ts';

/** Kubernetes' built-in signers that the cluster's authority serves. */
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
export const API_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
/** Requests of the beta API; today's refuses this name, but such requests may be stored. */
export const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

export const NODE_USER_PREFIX = 'system:node:';
export const NODES_GROUP = 'system:nodes';

/** What a request must be like to be signed by each signer, in Kubernetes' words; undefined when it is. */
export const SIGNERS: Readonly<Record<string, (request: SigningRequest, usages: readonly string[]) => string | undefined>> = {
  [KUBELET_CLIENT_SIGNER]: whyNotKubeletClient,
  [KUBELET_SERVING_SIGNER]: whyNotKubeletServing,
  [API_CLIENT_SIGNER]: (_request, usages) => whyNotClientUsages(usages),
  // It never had rules: whoever approves must look.
  [LEGACY_SIGNER]: () => undefined,
};

/** `ValidateKubeletClientCSR`. */
export function whyNotKubeletClient(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!request.commonName.startsWith(NODE_USER_PREFIX)) return 'subject common name does not begin with system:node: ';
  return whyNotUsages(usages, ['client auth', 'digital signature', 'key encipherment']);
}

/** `ValidateKubeletServingCSR`. */
export function whyNotKubeletServing(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const usage = whyNotUsages(usages, ['digital signature', 'key encipherment', 'server auth']);
  if (usage !== undefined) return usage;
  return request.commonName.startsWith(NODE_USER_PREFIX) ? undefined : 'subject common name does not begin with system:node: ';
}

/** `validAPIServerClientUsages`. */
export function whyNotClientUsages(usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => usage !== 'client auth' && usage !== 'digital signature' && usage !== 'key encipherment');
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function isOfNodes({ organizations }: SigningRequest): boolean {
  return organizations.length === 1 && organizations[0] === NODES_GROUP;
}

/** All of them, of which only a key that enciphers (RSA) needs `key encipherment`. */
function whyNotUsages(usages: readonly string[], all: readonly string[]): string | undefined {
  const given = new Set(usages);
  const needed = all.filter((usage) => usage !== 'key encipherment');
  const right = needed.every((usage) => given.has(usage)) && [...given].every((usage) => all.includes(usage));
  return right ? undefined : `usages did not match [${all.join(' ')}]`;
}

import { createHash } from 'node:crypto';
import type { Protocol } from './servicePorts.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Kubernetes' chain names: a prefix and the first 16 base32 characters of a SHA-256, so that tools which know kube-proxy know ours. */
function hashed(prefix: string, text: string): string {
  const digest = createHash('sha256').update(text).digest();
  let bits = '';
  for (let at = 0; at < 10; at += 1) bits += digest[at]!.toString(2).padStart(8, '0');
  let name = '';
  for (let at = 0; at < 80; at += 5) name += BASE32[Number.parseInt(bits.slice(at, at + 5), 2)];
  return prefix + name;
}

/** Chain that spreads over all endpoints. */
export const clusterChain = (port: string, protocol: Protocol): string => hashed('KUBE-SVC-', port + protocol.toLowerCase());
/** Chain that spreads over this node's endpoints. */
export const localChain = (port: string, protocol: Protocol): string => hashed('KUBE-SVL-', port + protocol.toLowerCase());
/** Chain that traffic from outside enters. */
export const externalChain = (port: string, protocol: Protocol): string => hashed('KUBE-EXT-', port + protocol.toLowerCase());
/** Chain that sends to one endpoint. */
export const endpointChain = (port: string, protocol: Protocol, endpoint: string): string => hashed('KUBE-SEP-', port + protocol.toLowerCase() + endpoint);

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { V1ConfigMap } from '../../api/generated/types.ts';
import { parseKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import type { Clock } from '../../process/clock.ts';
import { UserError } from '../invocation.ts';
import { authorityHash, type JoinToken, signatureKey } from './joinToken.ts';

/** A cluster that was asked who it is, and has proved it. */
export interface DiscoveredCluster {
  /** PEM. */
  readonly authority: string;
  /** The cluster's own address, e.g. `https://192.0.2.1:6443`. */
  readonly server: string;
}

const PATH = '/api/v1/namespaces/kube-public/configmaps/cluster-info';
/** `token create` waits for the signature; the server that is asked here may hear of it later than the one that was asked there. */
const SIGNATURE_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 250;

/**
 * kubeadm's discovery: reads cluster-info from a server that is not trusted yet, and believes it when the holder of the token has signed it and
 * its authority has the hash that the user gave. Every later word goes over a connection that this authority vouches for. Throws a `UserError`.
 */
export async function discover(address: string, token: JoinToken, hashes: readonly string[], clock: Clock, signal: AbortSignal): Promise<DiscoveredCluster> {
  const client = new RestClient({ servers: [`https://${address}`], insecureSkipTLSVerify: true }, { component: 'join', clock });
  try {
    for (const end = clock.monotonic() + SIGNATURE_MILLISECONDS; ; await clock.sleep(POLL_MILLISECONDS, signal)) {
      signal.throwIfAborted();
      const info = await read(client, address);
      const signature = info.data?.[signatureKey(token.id)];
      if (signature === undefined && clock.monotonic() < end) continue;
      return check(info, signature, token, hashes, address);
    }
  } finally {
    client.close();
  }
}

async function read(client: RestClient, address: string): Promise<V1ConfigMap> {
  try {
    const { status, body } = await client.raw({ method: 'GET', path: PATH });
    if (status === 200) return JSON.parse(body.toString()) as V1ConfigMap;
    throw new UserError(`${address} is no cluster that can be joined: ${PATH} answers ${status}. (The first machine must be brought up by gantry up of this version.)`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${address} cannot be reached: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Believes the cluster's information, or says why not. */
export function check({ data = {} }: V1ConfigMap, signature: string | undefined, token: JoinToken, hashes: readonly string[], address: string): DiscoveredCluster {
  const content = data['kubeconfig'] ?? '';
  if (signature === undefined) throw new UserError(`The cluster at ${address} does not know this token, or it has expired. Make a new one on a control plane: gantry token create`);
  if (!isSignedWith(content, signature, token)) throw new UserError(`What ${address} says of the cluster is not signed with this token: the token is wrong, or this is not the cluster that it is for.`);
  const { ca, servers } = parseKubeconfig(content, { name: 'cluster-info', folder: '/' });
  if (!ca) throw new UserError(`What ${address} says of the cluster names no certificate authority.`);
  if (!hashes.includes(authorityHash(ca))) throw new UserError(`The certificate authority of the cluster at ${address} is ${authorityHash(ca)}, and --discovery-token-ca-cert-hash says ${hashes.join(', ')}: this is not the cluster that the line was made for.`);
  return { authority: ca, server: servers[0]! };
}

/** A detached JWS: header and signature stand around nothing. */
function isSignedWith(content: string, jws: string, { id, secret }: JoinToken): boolean {
  const [header = '', payload, signature = ''] = jws.split('.');
  if (payload !== '') return false;
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg?: string; kid?: string };
  const right = createHmac('sha256', secret).update(`${header}.${Buffer.from(content).toString('base64url')}`).digest();
  const given = Buffer.from(signature, 'base64url');
  return alg === 'HS256' && kid === id && given.length === right.length && timingSafeEqual(given, right);
}

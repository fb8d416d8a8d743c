import { createHmac } from 'node:crypto';
import type { BootstrapToken } from './bootstrapToken.ts';

export const KUBECONFIG_KEY = 'kubeconfig';
export const SIGNATURE_PREFIX = 'jws-kubeconfig-';

/** The ConfigMap's data with exactly these tokens' signatures beside the kubeconfig; undefined when it is right already, or has nothing to sign. */
export function signedData(data: Readonly<Record<string, string>>, tokens: readonly BootstrapToken[]): Record<string, string> | undefined {
  const content = data[KUBECONFIG_KEY];
  if (content === undefined) return undefined;
  const kept = Object.entries(data).filter(([key]) => !key.startsWith(SIGNATURE_PREFIX));
  const signatures = tokens.map((token): [string, string] => [`${SIGNATURE_PREFIX}${token.id}`, detachedSignature(content, token)]);
  const wanted = Object.fromEntries([...kept, ...signatures]);
  const isRight = Object.keys(data).length === Object.keys(wanted).length && signatures.every(([key, value]) => data[key] === value);
  return isRight ? undefined : wanted;
}

/** A JWS (HS256, the token's id as `kid`) without its payload, as kubeadm's discovery checks it. */
export function detachedSignature(content: string, { id, secret }: BootstrapToken): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const signature = createHmac('sha256', secret).update(`${header}.${Buffer.from(content).toString('base64url')}`).digest('base64url');
  return `${header}..${signature}`;
}

import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import type { V1Secret } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';

/** A bootstrap token, `id.secret`. */
export interface JoinToken {
  readonly id: string;
  readonly secret: string;
}

const FORM = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** kubeadm's group of machines that join by a token. */
const GROUP = 'system:bootstrappers:kubeadm:default-node-token';

export function parseToken(text: string): JoinToken | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}

export function newToken(): JoinToken {
  // 252 is the largest multiple of 36 in a byte: what is above would make some letters likelier.
  const letters = (count: number): string => {
    let text = '';
    while (text.length < count) for (const byte of randomBytes(count)) if (byte < 252 && text.length < count) text += ALPHABET[byte % ALPHABET.length];
    return text;
  };
  return { id: letters(6), secret: letters(16) };
}

/** Of the signature with a token in the ConfigMap `kube-public/cluster-info`. */
export const signatureKey = (id: string): string => `jws-kubeconfig-${id}`;

export const tokenText = ({ id, secret }: JoinToken): string => `${id}.${secret}`;
export const secretName = (id: string): string => `bootstrap-token-${id}`;

/** The Secret that stands for a token, as kubeadm makes it. `expiration` is RFC 3339; absent: it never ends. */
export function tokenSecret(token: JoinToken, expiration: string | undefined, description: string): Draft<V1Secret> {
  const data: Record<string, string> = {
    'token-id': token.id,
    'token-secret': token.secret,
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': GROUP,
    ...(description === '' ? {} : { description }),
    ...(expiration === undefined ? {} : { expiration }),
  };
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName(token.id), namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token', data: encoded };
}

/** kubeadm's `sha256:<hex>` of an authority's public key (its SubjectPublicKeyInfo), by which a machine knows the cluster. */
export function authorityHash(certificate: string): string {
  return `sha256:${createHash('sha256').update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })).digest('hex')}`;
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../api/apiError.ts';
import type { V1Secret } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { Secrets } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import { UserError } from '../invocation.ts';
import { newToken, secretName } from './joinToken.ts';

/** What all control planes of a cluster share: its authorities and the key of the ServiceAccounts' tokens. Names below the pki folder. */
const SHARED = ['ca.crt', 'ca.key', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.key', 'sa.pub', 'etcd/ca.crt'] as const;
/** With an etcd of the cluster's own, its authority signs each member's certificates. */
const STACKED = ['etcd/ca.key'] as const;
/** Else there is only the certificate that was given for it. */
const EXTERNAL = ['apiserver-etcd-client.crt', 'apiserver-etcd-client.key'] as const;

const SECRET = { namespace: 'kube-system', name: 'gantry-certs' } as const;
const KEEP_MILLISECONDS = 2 * 3_600_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Puts the shared files into a Secret, encrypted by a new key which is in no object, and gives that key. As kubeadm does it: the Secret belongs to a
 * token that nobody can use, and goes with it after two hours. A key that was given out before is void from then on.
 */
export async function uploadSharedCertificates(client: KubeClient, pki: string, now: number): Promise<string> {
  const key = randomBytes(32);
  const names = [...SHARED, ...(existsSync(join(pki, 'etcd/ca.key')) ? STACKED : EXTERNAL)];
  const data = Object.fromEntries(names.map((name) => [entryOf(name), encrypt(readFileSync(join(pki, name)), key).toString('base64')]));
  const owner = await client.create(Secrets, ownerSecret(now), SECRET.namespace);
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Secret', name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true }];
  const secret: Draft<V1Secret> = { apiVersion: 'v1', kind: 'Secret', metadata: { ...SECRET, ownerReferences }, type: 'Opaque', data };
  try {
    await client.delete(Secrets, SECRET.name, SECRET.namespace);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
  }
  await client.create(Secrets, secret, SECRET.namespace);
  return key.toString('hex');
}

/** A token for nothing, whose end ends what it owns. */
function ownerSecret(now: number): Draft<V1Secret> {
  const { id, secret } = newToken();
  const expiration = new Date(now + KEEP_MILLISECONDS).toISOString().replace(/\.\d+Z$/, 'Z');
  const data = { 'token-id': id, 'token-secret': secret, expiration, description: "Ends the Secret gantry-certs, which a joining control plane needs" };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName(id), namespace: SECRET.namespace },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  };
}

/** Writes the shared files into the pki folder; one that is there already must be the same. Throws a `UserError`. */
export async function takeSharedCertificates(client: KubeClient, pki: string, certificateKey: string): Promise<void> {
  const key = Buffer.from(certificateKey, 'hex');
  if (key.length !== 32) throw new UserError('--certificate-key is not one: gantry token create --control-plane prints the whole line.');
  const data = await readSecret(client);
  for (const name of [...SHARED, ...STACKED, ...EXTERNAL]) {
    const sealed = data[entryOf(name)];
    if (sealed === undefined) continue;
    const content = decrypt(Buffer.from(sealed, 'base64'), key);
    if (!content) throw new UserError('--certificate-key does not open the Secret kube-system/gantry-certs: a later gantry token create --control-plane has made another one. Use its line.');
    const file = join(pki, name);
    if (!existsSync(file)) writeWhole(file, content.toString(), name.endsWith('.crt') ? 0o644 : 0o600);
    else if (!readFileSync(file).equals(content)) throw new UserError(`${file} is of another cluster. Remove it with what else that has left: gantry down --purge`);
  }
}

async function readSecret(client: KubeClient): Promise<Readonly<Record<string, string>>> {
  try {
    return (await client.get(Secrets, SECRET.name, SECRET.namespace)).data ?? {};
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') throw new UserError('The shared certificates are no longer in the cluster: they stay two hours. Make a new line on a control plane: gantry token create --control-plane', { cause: error });
    throw error;
  }
}

/** What must be in the pki folder where somebody has copied it there instead. */
export function missingSharedCertificates(pki: string, stacked: boolean): string[] {
  return [...SHARED, ...(stacked ? STACKED : EXTERNAL)].filter((name) => !existsSync(join(pki, name)));
}

/** A Secret's keys have no slashes. */
const entryOf = (name: string): string => name.replace('/', '-');

/** AES-256-GCM: nonce, sealed content, tag. */
export function encrypt(content: Buffer, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where the key is not the one that it was sealed with. */
export function decrypt(sealed: Buffer, key: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const content = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([content, decipher.final()]);
  } catch (error) {
    // OpenSSL names no code for a tag that does not match.
    if (String(error).includes('unable to authenticate')) return undefined;
    throw error;
  }
}

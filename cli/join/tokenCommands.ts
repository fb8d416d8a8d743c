import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Secret } from '../../api/generated/types.ts';
import { ApiError } from '../../api/apiError.ts';
import { ConfigMaps, Secrets } from '../../client/resources.ts';
import type { RestClient } from '../../client/restClient.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { table } from '../terminal.ts';
import { asAdministrator } from './adminClient.ts';
import { clusterAddress } from './clusterConfiguration.ts';
import { authorityHash, newToken, parseToken, secretName, signatureKey, tokenSecret, tokenText } from './joinToken.ts';
import { uploadSharedCertificates } from './sharedCertificates.ts';

const SYSTEM = 'kube-system';
/** For the controllers to sign with a new token: moments, unless the machine is very slow. */
const SIGNING_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 100;

/** Makes a bootstrap token and prints the one line by which a machine joins. `ttl` in milliseconds; 0: for ever. */
export async function tokenCreate(settings: ClusterSettings, ttl: number, description: string, controlPlane: boolean, invocation: Invocation): Promise<void> {
  const { terminal, clock } = invocation;
  await asAdministrator(settings, invocation, async (client) => {
    const token = newToken();
    await client.create(Secrets, tokenSecret(token, ttl === 0 ? undefined : timestamp(clock.now() + ttl), description), SYSTEM);
    const hash = authorityHash(readFileSync(join(settings.paths.pki, 'ca.crt'), 'utf8'));
    const further = controlPlane ? ` --control-plane --certificate-key ${await uploadSharedCertificates(client, settings.paths.pki, clock.now())}` : '';
    if (!(await isSigned(client, token.id, ttl === 0 ? SIGNING_MILLISECONDS : Math.min(ttl, SIGNING_MILLISECONDS), invocation))) terminal.complain('The controllers have not taken up the token yet (gantry status): the line counts once they have.');
    terminal.say(`gantry join ${await clusterAddress(client)} --token ${tokenText(token)} --discovery-token-ca-cert-hash ${hash}${further}`);
  });
}

/** Waits until cluster-info is signed with a token, by which a machine that joins knows the cluster. */
async function isSigned(client: RestClient, id: string, patience: number, { clock, signal }: Invocation): Promise<boolean> {
  for (const end = clock.monotonic() + patience; clock.monotonic() < end; await clock.sleep(POLL_MILLISECONDS, signal)) {
    signal.throwIfAborted();
    const { data = {} } = await client.get(ConfigMaps, 'cluster-info', 'kube-public');
    if (signatureKey(id) in data) return true;
  }
  return false;
}

/** RFC 3339 without fractions of a second, as kubeadm writes it. */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

export async function tokenList(settings: ClusterSettings, invocation: Invocation): Promise<void> {
  const { items } = await asAdministrator(settings, invocation, (client) => client.list(Secrets, { namespace: SYSTEM, fieldSelector: 'type=bootstrap.kubernetes.io/token' }));
  const rows = items.map((secret) => {
    const of = (key: string): string => decode(secret, key);
    const usages = ['authentication', 'signing'].filter((usage) => of(`usage-bootstrap-${usage}`) === 'true').join(',');
    return [`${of('token-id')}.${of('token-secret')}`, of('expiration') || '<never>', usages || '<none>', of('description') || '<none>'];
  });
  invocation.terminal.say(table([['TOKEN', 'EXPIRES', 'USAGES', 'DESCRIPTION'], ...rows]));
}

const decode = ({ data = {} }: V1Secret, key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();

/** By the whole token, or by its id. */
export async function tokenDelete(settings: ClusterSettings, token: string | undefined, invocation: Invocation): Promise<void> {
  const id = parseToken(token ?? '')?.id ?? token ?? '';
  if (!/^[a-z0-9]{6}$/.test(id)) throw new UserError('Which token? Give it, or its id (the six letters before the dot): gantry token list shows them.');
  await asAdministrator(settings, invocation, async (client) => {
    try {
      await client.delete(Secrets, secretName(id), SYSTEM);
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') throw new UserError(`There is no token ${id}.`, { cause: error });
      throw error;
    }
  });
  invocation.terminal.say(`token ${id} deleted`);
}

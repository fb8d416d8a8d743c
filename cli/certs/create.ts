import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { WHOLE_CLUSTER } from '../machineRole.ts';
import { makeCertificates } from '../up/makeCertificates.ts';

/** `gantry certs create`: what `up` does about certificates, for those who run each component by themselves. `names`: further ones that the servers bear. */
export async function certsCreate(settings: ClusterSettings, names: readonly string[], invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry certs create writes private keys and must be run as root.');
  await makeCertificates(settings, names, WHOLE_CLUSTER, invocation);
}

import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { inTurn } from '../turn.ts';
import { endingSoon, expirationInfo, expirationTable } from './expiration.ts';
import { machineCertificates, type MachineCertificates } from './machineCertificates.ts';
import { renewCertificates } from './renew.ts';

/** `gantry certs check`: when each certificate ends; the exit code is 1 when one ends within 30 days. */
export function certsCheck(settings: ClusterSettings, output: string, { terminal, clock }: Invocation): number {
  const info = expirationInfo(certificatesOf(settings), clock.now());
  if (output === 'json') terminal.say(JSON.stringify(info, undefined, 2));
  else if (output === 'text' || output === '') terminal.say(expirationTable(info));
  else throw new UserError(`unknown output "${output}": it is json or text.`);
  const soon = endingSoon(info);
  if (soon.length > 0) terminal.complain(`\nEnding within 30 days: ${soon.map(({ name }) => name).join(', ')}. What is not externally managed is renewed by: gantry certs renew`);
  return soon.length > 0 ? 1 : 0;
}

/** `gantry certs renew [NAME]`: new leaves for the same names; what runs takes them by itself. */
export async function certsRenew(settings: ClusterSettings, name: string | undefined, invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry certs renew writes private keys and must be run as root.');
  const { leaves } = certificatesOf(settings);
  if (name !== undefined && name !== 'all' && !leaves.some((each) => each.name === name)) throw new UserError(`There is no certificate "${name}" on this machine. There are: ${leaves.map((each) => each.name).join(', ')}`);
  const renewed = await inTurn(settings, invocation, () => renewCertificates(settings, name === undefined || name === 'all' ? {} : { names: [name] }, invocation.clock.now()));
  for (const each of renewed) invocation.terminal.say(`Renewed ${each}`);
  const left = leaves.filter((each) => !renewed.includes(each.name) && (name === undefined || name === 'all' || each.name === name));
  if (left.length > 0) invocation.terminal.say(`Left to who renews them (the node's agent, or the holder of the authority's key): ${left.map((each) => each.name).join(', ')}`);
}

function certificatesOf({ paths, name }: ClusterSettings): MachineCertificates {
  const found = machineCertificates(paths);
  if (found.leaves.length + found.authorities.length === 0) throw new UserError(`There are no certificates of a cluster ${name} on this machine (looked below ${paths.pki}).`);
  return found;
}

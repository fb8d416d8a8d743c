import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { isDue, issueCertificate, type KeyPair, requestOf } from '../../process/certificates.ts';
import { isMap, parseDocument } from 'yaml';
import type { ClusterSettings } from '../clusterSettings.ts';
import { readHostRecord } from '../hostRecord.ts';
import { rewriteKubeconfig } from '../userKubeconfig.ts';
import { keyOf, type MachineCertificate, type MachineCertificates, machineCertificates } from './machineCertificates.ts';

/** Which leaves are to be renewed. */
export interface RenewalChoice {
  /** By name; undefined: all that can be. */
  readonly names?: readonly string[];
  /** Only those of which less than a quarter of their life is left. */
  readonly dueOnly?: boolean;
  /** Of the new ones, in milliseconds; a year unless given. */
  readonly validity?: number;
}

/** A leaf to renew and who signs it. */
interface Renewal {
  readonly leaf: MachineCertificate;
  readonly authority: KeyPair;
}

/** The leaves of the machine that `choice` means and that an authority here can sign. `now` is wall-clock milliseconds. */
export function chooseRenewals({ leaves, authorities }: MachineCertificates, { names, dueOnly }: RenewalChoice, now: number): MachineCertificate[] {
  return leaves.filter(({ name, kind, certificate, authority }) => {
    if (kind === 'rotated' || !authorities.some((each) => each.name === authority && each.signs)) return false;
    return (!names || names.includes(name)) && (!dueOnly || isDue(certificate, now));
  });
}

/**
 * Puts new leaves, with new keys, for the same names in the place of those chosen; gives the names of what was renewed. The files keep
 * their modes and owners. Who reads a pair in the instant between its two files meets a key that does not match, and has to read again.
 */
export async function renewCertificates(settings: ClusterSettings, choice: RenewalChoice, now: number): Promise<string[]> {
  const found = machineCertificates(settings.paths);
  const renewals = chooseRenewals(found, choice, now).map((leaf): Renewal => {
    const authority = found.authorities.find(({ name }) => name === leaf.authority)!;
    return { leaf, authority: { certificate: authority.certificate, key: readFileSync(keyOf(authority.file), 'utf8') } };
  });
  for (const { leaf, authority } of renewals) {
    const request = { ...requestOf(leaf.certificate), ...(choice.validity === undefined ? {} : { validity: choice.validity }) };
    const pair = await issueCertificate(authority, request, now);
    if (leaf.kind === 'embedded') replaceFiles([[leaf.file, withPair(readFileSync(leaf.file, 'utf8'), pair)]]);
    else replaceFiles([[keyOf(leaf.file), pair.key], [leaf.file, pair.certificate]]);
    if (leaf.name === 'admin.conf') renewUserKubeconfig(settings, pair);
  }
  return renewals.map(({ leaf }) => leaf.name);
}

/** All are written before the first takes its place, so that the moment in which they do not match is as short as can be. */
function replaceFiles(files: ReadonlyArray<readonly [file: string, content: string]>): void {
  for (const [file, content] of files) writeFileSync(`${file}.new`, content, { mode: existsSync(file) ? statSync(file).mode & 0o777 : 0o600, flush: true });
  for (const [file] of files) renameSync(`${file}.new`, file);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with another certificate and key for its first user; JSON stays JSON. */
export function withPair(text: string, pair: KeyPair, user?: string): string {
  const document = parseDocument(text);
  const users = document.toJSON() as { users?: Array<{ name: string }> } | null;
  const at = user === undefined ? 0 : (users?.users ?? []).findIndex(({ name }) => name === user);
  const entry = at < 0 ? undefined : document.getIn(['users', at, 'user']);
  // A user who was given other credentials by hand keeps them.
  if (!isMap(entry) || !entry.has('client-certificate-data')) return text;
  entry.set('client-certificate-data', base64(pair.certificate));
  entry.set('client-key-data', base64(pair.key));
  return text.trimStart().startsWith('{') ? `${JSON.stringify(document.toJSON(), undefined, 2)}\n` : document.toString();
}

/** The copy that `up` has given to the person who typed it. */
function renewUserKubeconfig({ name, paths }: ClusterSettings, pair: KeyPair): void {
  const file = readHostRecord(paths)?.kubeconfig;
  if (file && existsSync(file)) rewriteKubeconfig(file, (text) => withPair(text, pair, name));
}

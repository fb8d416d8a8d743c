import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parse } from 'yaml';
import type { Paths } from '../clusterSettings.ts';

/** A certificate of this machine, as it stands in its file. */
export interface MachineCertificate {
  /** kubeadm's name of it: `apiserver`, `etcd-peer`, `admin.conf`; of files of the kubelet, `kubelet` and so on. */
  readonly name: string;
  readonly file: string;
  /** `pair`: certificate and key in `.crt` and `.key`; `embedded`: both in a kubeconfig; `rotated`: both in one file that the node's agent renews by itself. */
  readonly kind: 'pair' | 'embedded' | 'rotated';
  /** PEM; the first certificate counts. */
  readonly certificate: string;
  /** Name of the authority on this machine that has signed it; undefined: none of them has. */
  readonly authority: string | undefined;
}

export interface MachineAuthority {
  readonly name: string;
  readonly file: string;
  readonly certificate: string;
  /** Whether its key is here, so that it can sign. */
  readonly signs: boolean;
}

export interface MachineCertificates {
  readonly leaves: readonly MachineCertificate[];
  readonly authorities: readonly MachineAuthority[];
}

type Found = Omit<MachineCertificate, 'authority'>;

/** Every certificate of this machine's cluster: those of the pki folder, of the kubeconfigs beside it, and of the kubelet. In the order of their names. */
export function machineCertificates({ pki, kubernetes, kubelet }: Paths): MachineCertificates {
  const authorities: MachineAuthority[] = [];
  const leaves: Found[] = [];
  for (const file of [...filesIn(pki, '.crt'), ...filesIn(join(pki, 'etcd'), '.crt')]) {
    const certificate = readFileSync(file, 'utf8');
    const name = relative(pki, file).replace('/', '-').replace(/\.crt$/, '');
    if (new X509Certificate(certificate).ca) authorities.push({ name, file, certificate, signs: existsSync(keyOf(file)) });
    else leaves.push({ name, file, kind: 'pair', certificate });
  }
  for (const file of filesIn(kubernetes, '.conf')) {
    const certificate = embeddedCertificate(readFileSync(file, 'utf8'));
    if (certificate) leaves.push({ name: basename(file), file, kind: 'embedded', certificate });
  }
  for (const file of filesIn(join(kubelet, 'pki'), '.crt')) leaves.push({ name: basename(file, '.crt'), file, kind: 'pair', certificate: readFileSync(file, 'utf8') });
  for (const file of filesIn(join(kubelet, 'pki'), '-current.pem')) {
    // Key and certificate in one file, the certificate in either place.
    const certificate = firstCertificate(readFileSync(file, 'utf8'));
    if (certificate) leaves.push({ name: basename(file, '-current.pem'), file, kind: 'rotated', certificate });
  }
  const signed = leaves.map((leaf): MachineCertificate => ({ ...leaf, authority: authorities.find(({ certificate }) => new X509Certificate(leaf.certificate).verify(new X509Certificate(certificate).publicKey))?.name }));
  return { leaves: signed.sort((a, b) => (a.name < b.name ? -1 : 1)), authorities: authorities.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

export const keyOf = (certificateFile: string): string => certificateFile.replace(/\.crt$/, '.key');

function filesIn(folder: string, ending: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ending)).map((name) => join(folder, name)) : [];
}

function firstCertificate(pem: string): string | undefined {
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(pem)?.[0];
}

/** Of the user of a kubeconfig; undefined where it shows something else, such as a token or a file. */
function embeddedCertificate(text: string): string | undefined {
  const { users } = (parse(text) ?? {}) as { users?: Array<{ user?: { 'client-certificate-data'?: string } }> };
  const data = users?.[0]?.user?.['client-certificate-data'];
  return data ? firstCertificate(Buffer.from(data, 'base64').toString()) : undefined;
}

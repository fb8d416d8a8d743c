import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, LEGACY_SIGNER } from '../../controllers/certificates/signers.ts';
import type { SigningSettings } from '../../controllers/certificates/signingSettings.ts';
import type { KeyPair } from '../../process/certificates.ts';
import { durationFlag, FlagError, type FlagValues, stringFlag } from '../../process/flags.ts';

/** With what requests for certificates are signed; Kubernetes' own names. */
export const signingFlags = {
  'cluster-signing-cert-file': stringFlag('', 'the authority that signs requests for certificates; unless given, ca.crt of the cluster'),
  'cluster-signing-key-file': stringFlag('', 'its key; unless given, ca.key of the cluster, and where there is none nothing is signed'),
  'cluster-signing-kubelet-serving-cert-file': stringFlag('', 'the authority of the signer kubernetes.io/kubelet-serving; excludes --cluster-signing-{cert,key}-file'),
  'cluster-signing-kubelet-serving-key-file': stringFlag('', 'its key'),
  'cluster-signing-kubelet-client-cert-file': stringFlag('', 'the authority of the signer kubernetes.io/kube-apiserver-client-kubelet; excludes --cluster-signing-{cert,key}-file'),
  'cluster-signing-kubelet-client-key-file': stringFlag('', 'its key'),
  'cluster-signing-kube-apiserver-client-cert-file': stringFlag('', 'the authority of the signer kubernetes.io/kube-apiserver-client; excludes --cluster-signing-{cert,key}-file'),
  'cluster-signing-kube-apiserver-client-key-file': stringFlag('', 'its key'),
  'cluster-signing-legacy-unknown-cert-file': stringFlag('', 'the authority of the signer kubernetes.io/legacy-unknown; excludes --cluster-signing-{cert,key}-file'),
  'cluster-signing-legacy-unknown-key-file': stringFlag('', 'its key'),
  'cluster-signing-duration': durationFlag(365 * 86_400_000, 'how long a certificate lives at most'),
} as const;

type Values = FlagValues<typeof signingFlags>;

/** What the flags call the signers. */
const FLAG_PARTS: Readonly<Record<string, string>> = {
  [KUBELET_SERVING_SIGNER]: 'kubelet-serving',
  [KUBELET_CLIENT_SIGNER]: 'kubelet-client',
  [API_CLIENT_SIGNER]: 'kube-apiserver-client',
  [LEGACY_SIGNER]: 'legacy-unknown',
};

interface PairFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The authorities of the signers: one for all of them, or each its own, where a signer without one is left to others. A key that was named must be there;
 * the cluster's own is only where its control plane was made. Throws a FlagError for files that do not go together. `pki` is the cluster's folder of certificates.
 */
export function signingSettings(values: Values, pki: string): { readonly signing?: SigningSettings } {
  const duration = values['cluster-signing-duration'];
  const named: PairFiles = { certificate: values['cluster-signing-cert-file'], key: values['cluster-signing-key-file'] };
  const own: Readonly<Record<string, PairFiles>> = {
    [KUBELET_SERVING_SIGNER]: { certificate: values['cluster-signing-kubelet-serving-cert-file'], key: values['cluster-signing-kubelet-serving-key-file'] },
    [KUBELET_CLIENT_SIGNER]: { certificate: values['cluster-signing-kubelet-client-cert-file'], key: values['cluster-signing-kubelet-client-key-file'] },
    [API_CLIENT_SIGNER]: { certificate: values['cluster-signing-kube-apiserver-client-cert-file'], key: values['cluster-signing-kube-apiserver-client-key-file'] },
    [LEGACY_SIGNER]: { certificate: values['cluster-signing-legacy-unknown-cert-file'], key: values['cluster-signing-legacy-unknown-key-file'] },
  };
  if (Object.values(own).some(isNamed)) {
    if (isNamed(named)) throw new FlagError('cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time');
    for (const [signer, { certificate, key }] of Object.entries(own)) {
      if ((certificate === '') !== (key === '')) throw new FlagError(`${JSON.stringify(`cluster-signing-${FLAG_PARTS[signer] ?? ''}`)}: cannot specify ${key === '' ? 'cert without key' : 'key without cert'}`);
    }
    return { signing: { authority: (signer) => readPair(Object.hasOwn(own, signer) ? own[signer] : undefined), duration } };
  }
  const files: PairFiles = { certificate: named.certificate || join(pki, 'ca.crt'), key: named.key || join(pki, 'ca.key') };
  if (named.key === '' && !existsSync(files.key)) return {};
  return { signing: { authority: () => readPair(files), duration } };
}

const isNamed = ({ certificate, key }: PairFiles): boolean => certificate !== '' || key !== '';

function readPair(files: PairFiles | undefined): KeyPair | undefined {
  if (!files || !isNamed(files)) return undefined;
  return { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') };
}

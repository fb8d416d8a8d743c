import type { KeyPair } from './certificates.ts';

export interface KubeconfigParts {
  /** Also the user's name in the file. */
  readonly user: string;
  /** E.g. `https://192.0.2.1:6443`. */
  readonly server: string;
  /** PEM of the cluster's authority. */
  readonly authority: string;
  /** A certificate in the file, or one (with its key) in a file of its own that is replaced now and then, or a token. */
  readonly credentials: { readonly pair: KeyPair } | { readonly file: string } | { readonly token: string };
  /** Extensions of the cluster, by name. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with one context. JSON is YAML; keys keep kubectl's order. */
export function kubeconfigText({ user, server, authority, credentials, extensions }: KubeconfigParts): string {
  const context = `${user}@kubernetes`;
  const list = Object.entries(extensions ?? {}).map(([name, extension]) => ({ name, extension }));
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'kubernetes', cluster: { 'certificate-authority-data': base64(authority), ...(list.length === 0 ? {} : { extensions: list }), server } }],
      contexts: [{ name: context, context: { cluster: 'kubernetes', user } }],
      'current-context': context,
      preferences: {},
      users: [{ name: user, user: userEntry(credentials) }],
    },
    undefined,
    2,
  )}\n`;
}

function userEntry(credentials: KubeconfigParts['credentials']): Readonly<Record<string, string>> {
  if ('pair' in credentials) return { 'client-certificate-data': base64(credentials.pair.certificate), 'client-key-data': base64(credentials.pair.key) };
  if ('file' in credentials) return { 'client-certificate': credentials.file, 'client-key': credentials.file };
  return { token: credentials.token };
}

import { readFileSync } from 'node:fs';
import type { WebhookAddress } from './webhookAddress.ts';

/** How the API server proves to a webhook who it is; as a user of a kubeconfig says it. */
export interface WebhookIdentity {
  readonly certificate?: string;
  readonly certificateFile?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Identities by the webhooks that they are for; `current` is shown to those that nothing is said of. */
export interface WebhookIdentities {
  readonly users: ReadonlyMap<string, WebhookIdentity>;
  readonly current?: WebhookIdentity;
}

const HTTPS_PORT = 443;

/**
 * Whose identity is shown to a webhook: that which bears its name (`name.namespace.svc`, and the port where it isn't 443, or the host of its URL), else the one
 * of the nearest domain above it (`*.example.com`), else `*`, else the current one (upstream's `AuthenticationInfoResolver`). Undefined: none.
 */
export function identityFor({ users, current }: WebhookIdentities, { authority, host, port, service }: Pick<WebhookAddress, 'authority' | 'host' | 'port' | 'service'>): WebhookIdentity | undefined {
  const name = service && port === HTTPS_PORT ? host : authority;
  const steps = name.split('.');
  const above = steps.slice(1).map((_, index) => `*.${steps.slice(index + 1).join('.')}`);
  const found = [name, ...above, '*'].find((each) => users.has(each));
  return found === undefined ? current : users.get(found);
}

/** PEM of the certificate and its key, read now; absent where the identity has none. Throws where a file cannot be read. */
export function certificateOf({ certificate, certificateFile, key, keyFile }: WebhookIdentity): { readonly cert?: string; readonly key?: string } {
  const cert = certificate ?? read(certificateFile);
  const own = key ?? read(keyFile);
  return { ...(cert === undefined ? {} : { cert }), ...(own === undefined ? {} : { key: own }) };
}

/** The header that says who asks; a token's file is read each time, so that a new token is used as soon as it is there. */
export function authorizationOf({ token, tokenFile, username, password = '' }: WebhookIdentity): { readonly authorization?: string } {
  const bearer = read(tokenFile)?.trim() ?? token;
  if (bearer) return { authorization: `Bearer ${bearer}` };
  return username === undefined ? {} : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

const read = (file: string | undefined): string | undefined => (file === undefined ? undefined : readFileSync(file, 'utf8'));

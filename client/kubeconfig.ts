import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { SERVERS_FILE_EXTENSION } from '../api/wellKnown.ts';
import type { ClientConfig } from './clientConfig.ts';

/** A kubeconfig that cannot be used; the message names the file and what is wrong with it. */
export class KubeconfigError extends Error {}

interface Cluster {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  extensions?: Array<{ name?: string; extension?: unknown }>;
}

/** A user of a kubeconfig, as it stands there. */
export interface KubeconfigUser {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
}

interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** A kubeconfig, as it stands in its file. */
export interface Kubeconfig {
  kind?: string;
  clusters?: Array<{ name: string; cluster?: Cluster }>;
  users?: Array<{ name: string; user?: KubeconfigUser }>;
  contexts?: Array<{ name: string; context?: Context }>;
  'current-context'?: string;
}

/** Reads a kubeconfig file; relative paths in it count from its folder. `context` defaults to its current-context. */
export function loadKubeconfig(file: string, context?: string): ClientConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new KubeconfigError(`cannot read the kubeconfig ${file}: ${(error as Error).message}`, { cause: error });
  }
  return parseKubeconfig(text, { name: file, folder: path.dirname(file), context });
}

/** The same for text that was read already. Certificate authorities in files are read at once, the rest when used. */
export function parseKubeconfig(text: string, source: { readonly name: string; readonly folder: string; readonly context?: string | undefined }): ClientConfig {
  const fail = (why: string): never => {
    throw new KubeconfigError(`kubeconfig ${source.name}: ${why}`);
  };
  let config: Kubeconfig | null;
  try {
    config = parse(text) as Kubeconfig | null;
  } catch (error) {
    return fail(`is not YAML: ${(error as Error).message}`);
  }
  if (typeof config !== 'object' || config === null) return fail('is empty');
  const wanted = source.context ?? config['current-context'] ?? '';
  if (wanted === '') return fail('has no current-context');
  const context = config.contexts?.find(({ name }) => name === wanted)?.context ?? fail(`has no context "${wanted}"`);
  const cluster = config.clusters?.find(({ name }) => name === context.cluster)?.cluster ?? fail(`has no cluster "${context.cluster ?? ''}"`);
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? (context.user ? fail(`has no user "${context.user}"`) : {});
  const server = cluster.server ?? fail(`cluster "${context.cluster ?? ''}" has no server`);
  const locate = (file: string | undefined): string | undefined => (file === undefined || file === '' ? undefined : path.resolve(source.folder, file));
  const caFile = locate(cluster['certificate-authority']);
  const ca = decode(cluster['certificate-authority-data']) ?? (caFile === undefined ? undefined : readFileSync(caFile, 'utf8'));
  return {
    servers: [server.replace(/\/+$/, '')],
    ...defined({
      ca,
      serversFile: locate(serversFile(cluster)),
      tlsServerName: cluster['tls-server-name'],
      insecureSkipTLSVerify: cluster['insecure-skip-tls-verify'],
      ...credentialsOf(user, source.folder),
    }),
  };
}

/** How a user proves who it is; relative paths count from `folder`. */
export function credentialsOf(user: KubeconfigUser, folder: string): Pick<ClientConfig, 'certificate' | 'certificateFile' | 'key' | 'keyFile' | 'tokenFile'> & { readonly token?: string } {
  const locate = (file: string | undefined): string | undefined => (file === undefined || file === '' ? undefined : path.resolve(folder, file));
  return defined({
    ...oneOf('certificate', decode(user['client-certificate-data']), locate(user['client-certificate'])),
    ...oneOf('key', decode(user['client-key-data']), locate(user['client-key'])),
    ...(user.tokenFile ? { tokenFile: locate(user.tokenFile) } : { token: user.token }),
  });
}

/** Our own extension of a cluster: the file that tells of its other API servers. */
function serversFile({ extensions }: Cluster): string | undefined {
  const extension = extensions?.find(({ name }) => name === SERVERS_FILE_EXTENSION)?.extension as { readonly path?: unknown } | undefined;
  return typeof extension?.path === 'string' ? extension.path : undefined;
}

/** Data goes before a file, as in client-go. */
function oneOf(name: 'certificate' | 'key', data: string | undefined, file: string | undefined): Partial<Record<string, string>> {
  if (data !== undefined) return { [name]: data };
  return file === undefined ? {} : { [`${name}File`]: file };
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined || base64 === '' ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}

function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

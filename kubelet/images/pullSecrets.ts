import type { V1Secret } from '../../api/generated/types.ts';
import type { RegistryAuth } from '../runtime/types.ts';
import { parseImage } from './imageReference.ts';

interface AuthEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
}

/**
 * The credentials that fit an image, the closest first: those for the longest part of its path (`credentialprovider.Lookup`).
 * @param defaultRegistry host of the registry that the engine takes for images without one
 */
export function credentialsFor(image: string, secrets: readonly V1Secret[], defaultRegistry: string): readonly RegistryAuth[] {
  const reference = parseImage(image);
  if (!reference) return [];
  const registry = reference.registry || defaultRegistry;
  const found = secrets.flatMap(entriesOf).flatMap(({ server, entry }) => {
    const { host, path } = splitServer(server);
    const fits = hostFits(host, registry) && (path === '' || `${reference.path}/`.startsWith(`${path}/`) || reference.path.startsWith(path));
    return fits ? [{ length: path.length, auth: authOf(server, entry) }] : [];
  });
  return found.sort((a, b) => b.length - a.length).map(({ auth }) => auth);
}

function entriesOf(secret: V1Secret): readonly { readonly server: string; readonly entry: AuthEntry }[] {
  const modern = secret.type === 'kubernetes.io/dockerconfigjson' ? secret.data?.['.dockerconfigjson'] : undefined;
  const legacy = secret.type === 'kubernetes.io/dockercfg' ? secret.data?.['.dockercfg'] : undefined;
  const text = modern ?? legacy;
  if (text === undefined) return [];
  const parsed = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as { readonly auths?: Readonly<Record<string, AuthEntry>> } & Readonly<Record<string, AuthEntry>>;
  const auths: Readonly<Record<string, AuthEntry>> = modern === undefined ? parsed : (parsed.auths ?? {});
  return Object.entries(auths).map(([server, entry]) => ({ server, entry }));
}

function authOf(server: string, entry: AuthEntry): RegistryAuth {
  const [username = '', ...password] = entry.auth ? Buffer.from(entry.auth, 'base64').toString('utf8').split(':') : [];
  return { username: entry.username ?? username, password: entry.password ?? password.join(':'), identityToken: entry.identitytoken ?? '', serverAddress: server };
}

/** `https://host:port/v1/` means the host alone, as `docker login` writes it. */
function splitServer(server: string): { readonly host: string; readonly path: string } {
  const [host = '', ...path] = server.replace(/^https?:\/\//, '').split('/');
  const joined = path.join('/').replace(/\/$/, '');
  return { host, path: joined === 'v1' || joined === 'v2' ? '' : joined };
}

/** Each part of the name may be a pattern with `*`. */
function hostFits(pattern: string, host: string): boolean {
  const parts = pattern.split('.');
  const names = host.split('.');
  if (parts.length !== names.length) return false;
  return parts.every((part, at) => new RegExp(`^${part.replace(/[^\w*-]/g, (letter) => `\\${letter}`).replaceAll('*', '.*')}$`).test(names[at] ?? ''));
}

import type { V1ConfigMap, V1KeyToPath, V1Secret } from '../../api/generated/types.ts';

/** One file of a volume. */
export interface PayloadFile {
  readonly data: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** User id of its owner; undefined for the kubelet's own. */
  readonly user?: number;
}

/** The files of a volume by their path in it. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** How keys of an object become files. */
export interface KeySelection {
  /** Undefined or empty: every key under its own name. */
  readonly items: readonly V1KeyToPath[] | undefined;
  readonly defaultMode: number;
  readonly optional: boolean;
}

export function configMapPayload(configMap: V1ConfigMap, selection: KeySelection): Payload {
  const text = Object.entries(configMap.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  return select(new Map([...text, ...decoded(configMap.binaryData)]), selection, 'configmap references non-existent config key');
}

export function secretPayload(secret: V1Secret, selection: KeySelection): Payload {
  return select(decoded(secret.data), selection, 'references non-existent secret key');
}

function decoded(data: Readonly<Record<string, string>> | undefined): Map<string, Buffer> {
  return new Map(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

/** `MakePayload` of the configmap and secret plugins. */
function select(data: ReadonlyMap<string, Buffer>, { items, defaultMode, optional }: KeySelection, missing: string): Payload {
  const payload = new Map<string, PayloadFile>();
  if (!items?.length) {
    for (const [key, value] of data) payload.set(key, { data: value, mode: defaultMode });
    return payload;
  }
  for (const { key, path, mode } of items) {
    const value = data.get(key);
    if (value) payload.set(checkedPath(path), { data: value, mode: mode ?? defaultMode });
    else if (!optional) throw new Error(`${missing}: ${key}`);
  }
  return payload;
}

/** A path inside the volume without ways around; throws for others, which validation should have refused. */
export function checkedPath(path: string): string {
  const parts = path.split('/');
  if (path === '' || path.startsWith('/') || parts.includes('..') || parts[0]?.startsWith('..')) throw new Error(`invalid path: must not be absolute or contain '..': ${path}`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

import type { V1ConfigMap, V1DownwardAPIVolumeFile, V1Pod, V1Secret, V1Volume, V1VolumeProjection } from '../../api/generated/types.ts';
import { fieldValue, type NodeAllocatable, resourceValue } from '../env/downwardAPI.ts';
import { messageOf } from '../errorText.ts';
import { specOf } from '../podContainers.ts';
import { fsUserOf } from './fsGroup.ts';
import { checkedPath, configMapPayload, type KeySelection, type Payload, type PayloadFile, secretPayload } from './payload.ts';
import type { TokenWish } from './serviceAccountTokens.ts';

const DEFAULT_MODE = 0o644;
const DEFAULT_TOKEN_SECONDS = 3600;
/** Only its owner, or its group, may read a token which is made for somebody. */
const OWNED_TOKEN_MODE = 0o600;

/** Where the contents of volumes come from. */
export interface PayloadSources {
  configMap(name: string): Promise<V1ConfigMap | undefined>;
  secret(name: string): Promise<V1Secret | undefined>;
  token(wish: TokenWish): Promise<string>;
  readonly allocatable: NodeAllocatable;
}

/** The files of a configMap, secret, downwardAPI or projected volume; throws with the text of the pod's event where one cannot be had. */
export async function volumePayload(pod: V1Pod, volume: V1Volume, sources: PayloadSources): Promise<Payload> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) return fromConfigMap(configMap.name ?? '', selection(configMap, configMap.defaultMode), sources);
  if (secret) return fromSecret(secret.secretName ?? '', selection(secret, secret.defaultMode), sources);
  if (downwardAPI) return downwardPayload(pod, downwardAPI.items ?? [], downwardAPI.defaultMode ?? DEFAULT_MODE, sources.allocatable);
  const merged = new Map<string, PayloadFile>();
  const errors: string[] = [];
  for (const source of projected?.sources ?? []) {
    try {
      for (const [path, file] of await projection(pod, source, projected?.defaultMode ?? DEFAULT_MODE, sources)) merged.set(path, file);
    } catch (error) {
      errors.push(messageOf(error));
    }
  }
  // As Go joins errors: all that is missing is told at once.
  if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
  return merged;
}

function selection(source: { items?: KeySelection['items']; optional?: boolean }, defaultMode: number | undefined): KeySelection {
  return { items: source.items, optional: source.optional ?? false, defaultMode: defaultMode ?? DEFAULT_MODE };
}

async function projection(pod: V1Pod, source: V1VolumeProjection, defaultMode: number, sources: PayloadSources): Promise<Payload> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) return fromConfigMap(configMap.name ?? '', selection(configMap, defaultMode), sources);
  if (secret) return fromSecret(secret.name ?? '', selection(secret, defaultMode), sources);
  if (downwardAPI) return downwardPayload(pod, downwardAPI.items ?? [], defaultMode, sources.allocatable);
  if (!serviceAccountToken) throw new Error(`projections of ${Object.keys(source).join(', ')} are not supported on this node`);
  const { audience = '', expirationSeconds = DEFAULT_TOKEN_SECONDS, path } = serviceAccountToken;
  const user = fsUserOf(pod);
  const owned = user !== undefined || specOf(pod).securityContext?.fsGroup !== undefined;
  const data = Buffer.from(await sources.token({ audience, expirationSeconds }));
  return new Map([[checkedPath(path), { data, mode: owned ? OWNED_TOKEN_MODE : defaultMode, ...(user === undefined ? {} : { user }) }]]);
}

async function fromConfigMap(name: string, keys: KeySelection, sources: PayloadSources): Promise<Payload> {
  const found = await sources.configMap(name);
  if (found) return configMapPayload(found, keys);
  if (keys.optional) return new Map();
  throw new Error(`configmap "${name}" not found`);
}

async function fromSecret(name: string, keys: KeySelection, sources: PayloadSources): Promise<Payload> {
  const found = await sources.secret(name);
  if (found) return secretPayload(found, keys);
  if (keys.optional) return new Map();
  throw new Error(`secret "${name}" not found`);
}

/** `CollectData` of the downwardAPI plugin: fields of the pod's metadata, and resources of the container that is named. */
export function downwardPayload(pod: V1Pod, items: readonly V1DownwardAPIVolumeFile[], defaultMode: number, allocatable: NodeAllocatable): Payload {
  const payload = new Map<string, PayloadFile>();
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const container = specOf(pod).containers[0];
    let text = '';
    if (fieldRef) text = fieldValue(pod, fieldRef.fieldPath, { podIPs: [], hostIPs: [] });
    else if (resourceFieldRef && container) text = resourceValue(pod, container, resourceFieldRef, allocatable);
    payload.set(checkedPath(path), { data: Buffer.from(text), mode: mode ?? defaultMode });
  }
  return payload;
}

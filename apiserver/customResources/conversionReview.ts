import type { KubeObject } from '../../api/meta.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { metadataFaults } from './convertedMetadata.ts';

const GROUP = 'apiextensions.k8s.io';
const KNOWN_VERSIONS = ['v1', 'v1beta1'];

/** The first version of ConversionReview that a webhook takes and that is known here. Throws an `Error` where there is none. */
export function conversionReviewVersion(accepted: readonly string[]): string {
  const found = accepted.find((each) => KNOWN_VERSIONS.includes(each));
  if (found === undefined) throw new Error('no supported conversion review versions');
  return found;
}

export function conversionReview(version: string, uid: string, desiredAPIVersion: string, objects: readonly KubeObject[]): Buffer {
  return Buffer.from(JSON.stringify({ kind: 'ConversionReview', apiVersion: `${GROUP}/${version}`, request: { uid, desiredAPIVersion, objects } }));
}

/** The objects of a webhook's answer, not yet looked at (`getConvertedObjectsFromResponse`). Throws an `Error` with Kubernetes' words. */
export function convertedObjects(version: string, uid: string, review: unknown): readonly unknown[] {
  const { apiVersion, kind, response } = isRecord(review) ? review : {};
  if (version === 'v1' && (apiVersion !== `${GROUP}/v1` || kind !== 'ConversionReview')) throw new Error(`expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${showKind(apiVersion, kind)}`);
  if (!isRecord(response)) throw new Error('no response provided');
  if (version === 'v1' && response['uid'] !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(response['uid']))}`);
  const result = isRecord(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') throw new Error(text(result['message']) || `response.result.status was '${text(result['status'])}', not 'Success'`);
  return Array.isArray(response['convertedObjects']) ? response['convertedObjects'] : [];
}

/**
 * One object as it came back, with the metadata that it had: a conversion may change labels and annotations, and nothing else of them
 * (`validateConvertedObject`, `restoreObjectMeta`). Throws an `Error` with Kubernetes' words.
 */
export function accepted(original: KubeObject, converted: unknown, desiredAPIVersion: string): KubeObject {
  if (!isRecord(converted)) throw new Error('returned invalid object at index 0: invalid type');
  if (converted['apiVersion'] !== desiredAPIVersion) throw new Error(`returned invalid object at index 0: invalid groupVersion (expected ${desiredAPIVersion}, received ${text(converted['apiVersion'])})`);
  if (converted['kind'] !== original.kind) throw new Error(`returned invalid object at index 0: invalid kind (expected ${original.kind}, received ${text(converted['kind'])})`);
  const metadata = isRecord(converted['metadata']) ? converted['metadata'] : {};
  for (const [field, label] of [['name', 'name'], ['namespace', 'namespace'], ['uid', 'UID']] as const) {
    const [before, after] = [original.metadata[field] ?? '', text(metadata[field])];
    if (before !== after) throw new Error(`returned invalid object: must have the same ${label}: ${before} != ${after}`);
  }
  if (converted['metadata'] === undefined) throw new Error('returned invalid metadata: missing metadata in converted object');
  const fault = metadataFaults(metadata);
  if (fault !== undefined) throw new Error(`returned invalid metadata: ${fault}`);
  const restored: Record<string, unknown> = deepCopy({ ...original.metadata });
  for (const field of ['labels', 'annotations']) {
    if (metadata[field] === undefined || metadata[field] === null) delete restored[field];
    else restored[field] = metadata[field];
  }
  return { ...converted, metadata: restored } as unknown as KubeObject;
}

function showKind(apiVersion: unknown, kind: unknown): string {
  const version = text(apiVersion);
  return `${version.includes('/') ? version : `/${version}`}, Kind=${text(kind)}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

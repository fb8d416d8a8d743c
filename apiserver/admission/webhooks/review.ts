import type { V1Status } from '../../../api/generated/types.ts';
import { isRecord } from '../../../api/values/isRecord.ts';
import type { UserInfo } from '../../types.ts';

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** What a webhook is asked about. */
export interface ReviewRequest {
  readonly uid: string;
  /** As the webhook wants to see it, and as the client sent it. */
  readonly kind: Kind;
  readonly resource: Resource;
  readonly requestKind: Kind;
  readonly requestResource: Resource;
  readonly subresource: string;
  readonly name: string;
  readonly namespace: string;
  readonly operation: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** JSON texts, where there is any. */
  readonly object: () => string | undefined;
  readonly previous: () => string | undefined;
  readonly options: string | undefined;
}

const KNOWN_VERSIONS = ['v1', 'v1beta1'];
const GROUP = 'admission.k8s.io';

/** The first version of AdmissionReview that a webhook takes and that is known here. Throws an `Error` where there is none. */
export function reviewVersion(accepted: readonly string[]): string {
  const found = accepted.find((each) => KNOWN_VERSIONS.includes(each));
  if (found === undefined) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  return found;
}

/** What an AdmissionRequest says besides the objects. */
export function requestHead(request: ReviewRequest): object {
  const { uid, subresource, name, namespace, user, operation } = request;
  return {
    uid,
    kind: kindOf(request.kind),
    resource: resourceOf(request.resource),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(request.requestKind),
    requestResource: resourceOf(request.requestResource),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: { username: user.name, ...(user.uid ? { uid: user.uid } : {}), ...(user.groups.length > 0 ? { groups: user.groups } : {}), ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}) },
  };
}

/** The body that a webhook is sent. */
export function reviewBody(version: string, request: ReviewRequest): Buffer {
  const head = JSON.stringify(requestHead(request));
  const objects = `"object":${request.object() ?? 'null'},"oldObject":${request.previous() ?? 'null'},"dryRun":${String(request.dryRun)},"options":${request.options ?? 'null'}`;
  return Buffer.from(`{"kind":"AdmissionReview","apiVersion":"${GROUP}/${version}","request":${head.slice(0, -1)},${objects}}}`);
}

const kindOf = ({ group, version, kind }: Kind): Kind => ({ group, version, kind });
const resourceOf = ({ group, version, resource }: Resource): Resource => ({ group, version, resource });

/** A webhook's answer. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  /** JSON of a patch. */
  readonly patch: Buffer | undefined;
  readonly patchType: string;
  readonly status: Partial<V1Status> | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Reads a webhook's answer (`VerifyAdmissionResponse`). Throws an `Error` that says what is wrong with it. */
export function readAnswer(version: string, uid: string, mutating: boolean, review: unknown): ReviewAnswer {
  const { response, apiVersion, kind } = isRecord(review) ? review : {};
  if (!isRecord(response)) throw new Error('webhook response was absent');
  const strict = version === 'v1';
  if (strict && response['uid'] !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textOr(response['uid'], ''))}`);
  if (strict && (apiVersion !== `${GROUP}/${version}` || kind !== 'AdmissionReview')) throw new Error(`expected webhook response of ${GROUP}/${version}, Kind=AdmissionReview, got ${showKind(apiVersion, kind)}`);
  // Of the old version nothing is checked: a patch that nobody may make is not looked at.
  const patch = textOr(response['patch'], '') === '' || (!strict && !mutating) ? undefined : Buffer.from(textOr(response['patch'], ''), 'base64');
  const patchType = response['patchType'] ?? undefined;
  if (strict) checkPatch(mutating, patch, patchType);
  return {
    allowed: response['allowed'] === true,
    patch,
    patchType: patch === undefined ? '' : strict ? textOr(patchType, '') : 'JSONPatch',
    status: isRecord(response['status']) ? response['status'] : undefined,
    warnings: Array.isArray(response['warnings']) ? response['warnings'].filter((each) => typeof each === 'string') : [],
    auditAnnotations: texts(response['auditAnnotations']),
  };
}

function checkPatch(mutating: boolean, patch: Buffer | undefined, patchType: unknown): void {
  if (mutating) {
    if (patch !== undefined && patchType === undefined) throw new Error('webhook returned response.patch but not response.patchType');
    if (patch === undefined && patchType !== undefined) throw new Error('webhook returned response.patchType but not response.patch');
    if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""');
    return;
  }
  if (patch !== undefined) throw new Error('validating webhook may not return response.patch');
  if (patchType !== undefined) throw new Error('validating webhook may not return response.patchType');
}

function showKind(apiVersion: unknown, kind: unknown): string {
  const text = textOr(apiVersion, '');
  return `${text.includes('/') ? text : `/${text}`}, Kind=${textOr(kind, '')}`;
}

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);

function texts(value: unknown): Record<string, string> {
  return isRecord(value) ? Object.fromEntries(Object.entries(value).filter((each): each is [string, string] => typeof each[1] === 'string')) : {};
}

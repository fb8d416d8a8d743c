import { badRequest, failure, invalidError } from '../../api/apiError.ts';
import { append, forbidden, invalid, notSupported, required } from '../../api/fieldError.ts';
import type { FieldError } from '../../api/fieldError.ts';
import type { V1DeleteOptions } from '../../api/generated/types.ts';
import { validateManager } from '../../api/validation/managedFields.ts';
import { isTrue } from './requestInfo.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Who the client says it is, as an owner of fields; `''` where it does not say. */
  readonly fieldManager: string;
  /** An apply takes fields over from other managers. */
  readonly force: boolean;
}

const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

/** Options of create, update and patch; `kind` names them in a refusal (`CreateOptions` …). Throws a 422 for unknown values. */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  return readWriteOptions(query, kind, []);
}

/** Options of a PATCH; only an apply may be forced, and it must say who applies. */
export function patchOptions(query: URLSearchParams, isApply: boolean): WriteOptions {
  const errors: FieldError[] = [];
  if (isApply && !query.get('fieldManager')) errors.push(required('fieldManager', 'is required for apply patch'));
  if (!isApply && query.has('force')) errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  return readWriteOptions(query, 'PatchOptions', errors);
}

function readWriteOptions(query: URLSearchParams, kind: string, errors: FieldError[]): WriteOptions {
  const dryRun = query.getAll('dryRun');
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  const fieldManager = query.get('fieldManager') ?? '';
  append(errors, validateManager('fieldManager', fieldManager), dryRunErrors(dryRun));
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) errors.push(notSupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS));
  if (errors.length > 0) throw invalidError('meta.k8s.io', kind, '', errors);
  return { dryRun: dryRun.length > 0, fieldValidation: fieldValidation as FieldValidation, fieldManager, force: isTrue(query.get('force')) };
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.some((each) => each !== 'All') ? [notSupported('dryRun', [...values], ['All'])] : [];
}

export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Options of list, watch and deletecollection. Throws `badRequest` for what cannot be read, and a 422 for what does not go together. */
export function listOptions(query: URLSearchParams, verb: string): ListOptions {
  const initial = query.get('sendInitialEvents');
  const options: ListOptions = {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: integer(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    timeoutSeconds: integer(query, 'timeoutSeconds'),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
  };
  const errors = verb === 'watch' ? watchErrors(options) : matchErrors(options);
  if (errors.length > 0) throw invalidError('meta.k8s.io', 'ListOptions', '', errors);
  return options;
}

const MATCHES = ['Exact', 'NotOlderThan', ''];

function matchErrors({ resourceVersion, resourceVersionMatch: match, continueToken, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (continueToken !== '') errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    if (!MATCHES.includes(match)) errors.push(notSupported('resourceVersionMatch', match, MATCHES));
    if (match === 'Exact' && resourceVersion === '0') errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined) errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents, continueToken }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') errors.push(forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (match === '') return errors;
  if (sendInitialEvents === undefined) errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
  if (continueToken !== '') errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
  return errors;
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = BigInt.asIntN(64, BigInt(text.replace('+', '')));
  if (value !== BigInt(text.replace('+', ''))) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(value);
}

/**
 * A resourceVersion of a query, as unsigned decimal. Where it is none Kubernetes answers a get or a watch with a 500 that has no reason, and a
 * list with a 400.
 */
export function checkResourceVersion(text: string, verb: 'get' | 'list' | 'watch'): string {
  const fault = notUnsigned(text);
  if (fault === undefined) return text;
  const message = `resourceVersion: ${invalid('resourceVersion', text, fault).message}`;
  throw verb === 'list' ? badRequest(`invalid resource version: ${message}`) : failure(500, '', message);
}

/** What Go's `strconv.ParseUint` says of a text that is no number of 64 bits; undefined where it is one. */
export function notUnsigned(text: string): string | undefined {
  const isNumber = /^\d+$/.test(text);
  if (isNumber && BigInt.asUintN(64, BigInt(text)) === BigInt(text)) return undefined;
  return `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`;
}

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly propagationPolicy: string | undefined;
}

/** Options of a delete: those of the body, which win, or those of the query. */
export function deleteOptions(query: URLSearchParams, body: V1DeleteOptions | undefined): DeleteOptions {
  const orphan = query.get('orphanDependents');
  const options: DeleteOptions = body
    ? fromBody(body)
    : {
        dryRun: query.getAll('dryRun').length > 0,
        gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
        preconditions: preconditionsOf(query.get('uid'), query.get('resourceVersion')),
        orphanDependents: orphan === null ? undefined : isTrue(orphan),
        propagationPolicy: query.get('propagationPolicy') ?? undefined,
      };
  const errors = dryRunErrors(body ? (body.dryRun ?? []) : query.getAll('dryRun'));
  const { orphanDependents, propagationPolicy } = options;
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    errors.push(invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  if (errors.length > 0) throw invalidError('meta.k8s.io', 'DeleteOptions', '', errors);
  return options;
}

function preconditionsOf(uid: string | null, resourceVersion: string | null): DeleteOptions['preconditions'] {
  return uid || resourceVersion ? { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } : undefined;
}

function fromBody(body: V1DeleteOptions): DeleteOptions {
  return {
    dryRun: (body.dryRun ?? []).length > 0,
    gracePeriodSeconds: body.gracePeriodSeconds ?? undefined,
    preconditions: body.preconditions ?? undefined,
    orphanDependents: body.orphanDependents ?? undefined,
    propagationPolicy: body.propagationPolicy ?? undefined,
  };
}

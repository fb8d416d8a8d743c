import { type ApiError, badRequest, failure, internalError, invalidError, noSuchPatch, requestTooLarge, unsupportedMediaType } from '../../api/apiError.ts';
import { invalid } from '../../api/fieldError.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { DecodeTypeError } from '../codec/decodeError.ts';
import { checkKind, type DecodeTarget, type DecodedObject, type FieldValidation } from '../codec/decodeBody.ts';
import { decodeCustom } from '../codec/decodeCustom.ts';
import { decodeValue } from '../codec/decodeValue.ts';
import { BodySyntaxError, NumberRangeError, parseJson, type ParsedBody } from '../codec/parseBody.ts';
import { applyJsonPatchInSteps } from './jsonPatch.ts';
import { PatchError } from './jsonPointer.ts';
import { applyMergePatch } from './mergePatch.ts';
import { cannotUnmarshal, readOperations } from './operations.ts';
import { MergeError, PatchFormatError } from './patchDirectives.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { goJson, goPlain } from '../../api/values/goPrint.ts';
import { applyStrategicMergePatch } from './strategicMergePatch.ts';
import { atOnce } from '../inTurns.ts';

/** Upstream's `maxJSONPatchOperations`. */
const MAX_OPERATIONS = 10_000;

type Fields = Record<string, unknown>;

/** One patch of one request; it can be applied again when the object was changed meanwhile. */
export interface Patch {
  /** The object after the patch, decoded as a body would be. Throws an `ApiError`. Does not change `current`. Yields between its steps. */
  apply(current: object): Generator<void, DecodedObject>;
}

/** A patch language: reads the body once, then gives the raw result for an object. */
type Language = (schema: Schema, parsed: ParsedBody, target: DecodeTarget, fieldValidation: FieldValidation) => RawPatch;

interface RawPatch {
  readonly apply: (current: Fields) => Generator<void, unknown>;
  /** What only `Strict` minds in the patch itself. */
  readonly strictErrors: readonly string[];
  /** How a result that does not fit its model is shown: the value, and the message. */
  readonly show?: (result: unknown) => string;
  readonly describe?: (error: DecodeTypeError) => string;
}

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
/** Applying a configuration is no change of an object, but a statement of what it should be; `handlers/apply.ts` answers it. */
export const APPLY_TYPE = 'application/apply-patch+yaml';

const LANGUAGES: ReadonlyMap<string, Language> = new Map([
  ['application/json-patch+json', jsonPatch],
  [MERGE, mergePatch],
  [STRATEGIC, strategicMergePatch],
]);

/**
 * Reads the body of a PATCH. Throws 415, or 406, for a content type that is no patch, 400 for a body that cannot be read, 413 for a JSON patch of more than
 * 10,000 operations.
 */
export function parsePatch(schema: Schema, contentType: string | undefined, bytes: Buffer, target: DecodeTarget, fieldValidation: FieldValidation, isCustom = target.custom !== undefined): Patch {
  const language = languageOf(contentType, isCustom, bytes.length > 0);
  const parsed = parse(bytes, mediaTypeOf(contentType));
  const raw = language(schema, parsed, target, fieldValidation);
  return {
    apply: function* (current) {
      const result = yield* applyRaw(raw, current as Fields);
      yield;
      return decodePatched(schema, result, raw, target, fieldValidation);
    },
  };
}

/** Throws for a content type that is no patch of what is custom, or built in. */
export function checkPatchType(contentType: string | undefined, isCustom: boolean, hasBody: boolean): void {
  if (!isApply(contentType)) languageOf(contentType, isCustom, hasBody);
}

function languageOf(contentType: string | undefined, isCustom: boolean, hasBody: boolean): Language {
  const mediaType = mediaTypeOf(contentType);
  const language = LANGUAGES.get(mediaType);
  // Custom resources have no patch strategies.
  if (language && !(isCustom && mediaType === STRATEGIC)) return language;
  if (!isCustom) throw noSuchPatch(hasBody);
  const accepted = [...LANGUAGES.keys()].filter((type) => type !== STRATEGIC);
  throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${[...accepted, APPLY_TYPE].join(', ')}`);
}

export const isApply = (contentType: string | undefined): boolean => mediaTypeOf(contentType) === APPLY_TYPE;

const mediaTypeOf = (contentType: string | undefined): string => (contentType ?? '').split(';')[0]!;

/** Reads a patch and applies it once. */
export function applyPatch(schema: Schema, contentType: string | undefined, bytes: Buffer, current: object, target: DecodeTarget, fieldValidation: FieldValidation): DecodedObject {
  return atOnce(parsePatch(schema, contentType, bytes, target, fieldValidation).apply(current));
}

function parse(bytes: Buffer, mediaType: string): ParsedBody {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof BodySyntaxError || error instanceof NumberRangeError) throw notDecodable(mediaType, error.message);
    throw error;
  }
}

function jsonPatch(_schema: Schema, parsed: ParsedBody, _target: DecodeTarget, fieldValidation: FieldValidation): RawPatch {
  const { operations, strictErrors } = readOperations(parsed, fieldValidation);
  if (operations.length > MAX_OPERATIONS) {
    throw requestTooLarge(`Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`);
  }
  return { apply: (current) => applyJsonPatchInSteps(current, operations), strictErrors };
}

function mergePatch(_schema: Schema, { value, strictErrors }: ParsedBody): RawPatch {
  if (value === null) throw failure(500, '', 'Invalid JSON Patch');
  if (!isRecord(value)) throw notDecodable(MERGE, cannotUnmarshal(value, 'map[string]interface {}'));
  return { apply: whole((current) => applyMergePatch(current, value)), strictErrors };
}

function strategicMergePatch(schema: Schema, { value: sent, strictErrors }: ParsedBody, target: DecodeTarget): RawPatch {
  const value = sent ?? {};
  if (!isRecord(value)) throw notDecodable(STRATEGIC, cannotUnmarshal(value, 'map[string]interface {}'));
  const model = schema.model(target.model);
  return {
    apply: whole((current) => applyStrategicMergePatch(schema, model, current, value)),
    strictErrors,
    show: () => goPlain(value),
    describe: (error) => error.conversion,
  };
}

/** Of one step. */
function whole(apply: (current: Fields) => unknown): RawPatch['apply'] {
  // oxlint-disable-next-line require-yield
  return function* (current) {
    return apply(current);
  };
}

/** A strategic merge patch is refused without an introduction. */
const notDecodable = (mediaType: string, message: string): ApiError => badRequest(mediaType === STRATEGIC ? message : `error decoding patch: ${message}`);

function* applyRaw(raw: RawPatch, current: Fields): Generator<void, unknown> {
  try {
    return yield* raw.apply(current);
  } catch (error) {
    if (error instanceof PatchFormatError) throw badRequest(error.message);
    if (error instanceof MergeError) throw failure(500, '', error.message);
    // Kubernetes answers with this generic text, and keeps to itself which operation did not apply.
    if (error instanceof PatchError) throw failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
    throw error;
  }
}

/** A patch may not change what a custom object is a version of. */
function checkVersion({ apiVersion, kind, metadata }: Fields, { group, version }: DecodeTarget): void {
  const expected = `${group}/${version}`;
  if (apiVersion === undefined || apiVersion === null) throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  if (typeof apiVersion !== 'string' || apiVersion === expected) return;
  const { name } = isRecord(metadata) ? metadata : {};
  throw invalidError('', String(kind), String(name), [invalid('apiVersion', apiVersion, `must be ${expected}`)]);
}

function decodePatched(schema: Schema, result: unknown, raw: RawPatch, target: DecodeTarget, fieldValidation: FieldValidation): DecodedObject {
  const refuse = (message: string): ApiError => invalidError('', '', '', [invalid('patch', raw.show?.(result) ?? (target.custom ? goJson(result) : JSON.stringify(result)), message)]);
  if (target.custom && isRecord(result)) checkVersion(result, target);
  if (target.custom) return decodeCustom(schema, { value: result, strictErrors: raw.strictErrors }, { ...target, schema: target.custom.schema }, fieldValidation, refuse);
  checkKind(schema, result, target);
  try {
    const { value, unknown } = decodeValue(schema, schema.model(target.model), result);
    const strictErrors = fieldValidation === 'Ignore' ? [] : [...raw.strictErrors, ...unknown];
    if (fieldValidation === 'Strict' && strictErrors.length > 0) throw refuse(`strict decoding error: ${strictErrors.join(', ')}`);
    const apiVersion = target.group === '' ? target.version : `${target.group}/${target.version}`;
    return { object: { ...value, apiVersion, kind: target.kind }, warnings: strictErrors };
  } catch (error) {
    if (error instanceof DecodeTypeError) throw refuse(raw.describe?.(error) ?? error.message);
    throw error;
  }
}

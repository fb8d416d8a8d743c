import { badRequest, unsupportedMediaType, type ApiError } from '../../api/apiError.ts';
import { goTypeName, type GroupVersionKind } from '../../api/schema/model.ts';
import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { decodeCustom } from './decodeCustom.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { jsonKind } from '../../api/values/goPrint.ts';
import { DecodeTypeError } from './decodeError.ts';
import { decodeValue } from './decodeValue.ts';
import { decodeMessage } from './protobuf/decodeMessage.ts';
import { openEnvelope, PROTOBUF_TYPE, type Envelope } from './protobuf/envelope.ts';
import { hasProtobuf } from './protobuf/messagePlan.ts';
import { ProtobufError } from './protobuf/protobufError.ts';
import { BodySyntaxError, NumberRangeError, parseJson, parseYamlBody, type ParsedBody } from './parseBody.ts';

/** Kubernetes' `fieldValidation` query parameter. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** What a body is expected to be; a `ResourceDefinition` is one. */
export interface DecodeTarget extends GroupVersionKind {
  /** The model's name in the schema, e.g. `V1Pod`. */
  readonly model: string;
  /** Other group versions in which the kind may come, e.g. `DeleteOptions` of every group. */
  /** Set for custom resources, whose `model` is empty. */
  readonly custom?: { readonly schema: JsonSchema };
  readonly otherVersions?: readonly { readonly group: string; readonly version: string }[];
  /** Read as the options of a request are: whatever the version, and faults are told as they are. */
  readonly isOptions?: boolean;
}

/** An object that has `apiVersion` and `kind`, and nothing that its model doesn't have. */
export interface DecodedObject {
  readonly object: Record<string, unknown> & { apiVersion: string; kind: string };
  /** For `Warning: 299` headers. */
  readonly warnings: readonly string[];
}

const MEDIA_TYPES: ReadonlyMap<string, { readonly parse: (bytes: Buffer) => ParsedBody; readonly fault: string }> = new Map([
  ['application/json', { parse: parseJson, fault: 'json parse error: ' }],
  ['application/yaml', { parse: parseYamlBody, fault: '' }],
]);

/** A media type that nothing is. */
const NOTHING = 'none/none';
const PARAMETERS = /^[^;]+(?:;\s*[\w.!#$%&'*+^`|~-]+\s*=\s*(?:"[^"]*"|[\w.!#$%&'*+^`|~-]+)\s*)*;?\s*$/;

/** What is behind the type must be parameters. */
const isMediaType = (header: string | undefined): boolean => header === undefined || !header.includes(';') || PARAMETERS.test(header);

/**
 * Decodes the body of a write. Throws 400 with Kubernetes' message for what cannot be read, has a wrong type, is of another kind, or (Strict) has
 * unknown or duplicate fields; 415 for a media type that is not served. An absent content type means JSON; protobuf is read for what Kubernetes
 * has a message of.
 */
export function decodeBody(schema: Schema, bytes: Buffer, contentType: string | undefined, target: DecodeTarget, fieldValidation: FieldValidation): DecodedObject {
  const mediaType = isMediaType(contentType) ? (contentType ?? '').split(';')[0]!.trim().toLowerCase() : NOTHING;
  const speaksProtobuf = !target.custom && hasProtobuf(schema, target.model);
  if (mediaType === PROTOBUF_TYPE && speaksProtobuf) return decodeProtobuf(schema, bytes, target);
  const form = MEDIA_TYPES.get(mediaType === '' ? 'application/json' : mediaType);
  if (!form) {
    const accepted = [...MEDIA_TYPES.keys(), ...(speaksProtobuf || target.custom ? [PROTOBUF_TYPE] : [])];
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`);
  }
  let parsed: ParsedBody;
  try {
    parsed = form.parse(bytes);
  } catch (error) {
    if (error instanceof BodySyntaxError) throw unrecognized(target, `couldn't get version/kind; ${form.fault}${error.message}`, bytes);
    if (error instanceof NumberRangeError) throw badRequest(`${target.kind} in version ${JSON.stringify(target.version)} cannot be handled as a ${target.kind}: ${error.message}`);
    throw error;
  }
  if (target.custom) {
    if (parsed.value === null) throw unrecognized(target, `Object 'Kind' is missing in '${bytes.toString()}'`, bytes);
    if (!isRecord(parsed.value)) throw unrecognized(target, notAnObject(parsed.value), bytes);
    splitApiVersion(claimed(parsed.value['apiVersion'], 'apiVersion', target, bytes), target, bytes);
    claimed(parsed.value['kind'], 'kind', target, bytes);
    if (!parsed.value['kind']) throw unrecognized(target, `Object 'Kind' is missing in '${bytes.toString()}'`, bytes);
    if (!parsed.value['apiVersion']) throw badRequest(`the API version in the data () does not match the expected API version (${joinApiVersion(target.group, target.version)})`);
  }
  return decodeParsed(schema, parsed, target, fieldValidation);
}

/** As `decodeBody` for a value that is already plain data, such as the result of a patch. */
export function decodeObject(schema: Schema, value: unknown, target: DecodeTarget, fieldValidation: FieldValidation): DecodedObject {
  return decodeParsed(schema, { value, strictErrors: [], nulls: 'keep' }, target, fieldValidation);
}

/** Fields that the model does not have are none of its business in protobuf: they are neither warned of nor refused. */
function decodeProtobuf(schema: Schema, bytes: Buffer, target: DecodeTarget): DecodedObject {
  let envelope: Envelope;
  try {
    envelope = openEnvelope(bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(target, error.message, bytes);
    throw error;
  }
  const { apiVersion, kind } = envelope;
  const claim = checkKind(schema, { apiVersion, kind }, target);
  try {
    const value = { ...decodeMessage(schema, schema.model(target.model), envelope.raw), apiVersion, kind };
    return decodeParsed(schema, { value, strictErrors: [] }, target, 'Ignore');
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`${claim.kind} in version ${JSON.stringify(claim.version)} cannot be handled as a ${target.kind}: ${error.message}`);
    throw error;
  }
}

function decodeParsed(schema: Schema, parsed: ParsedBody, target: DecodeTarget, fieldValidation: FieldValidation): DecodedObject {
  if (target.custom) return decodeCustom(schema, parsed, { ...target, schema: target.custom.schema }, fieldValidation);
  const kind = checkKind(schema, parsed.value ?? {}, target);
  const refuse = (message: string): ApiError => badRequest(target.isOptions ? message : `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${target.kind}: ${message}`);
  try {
    const { value, unknown } = decodeValue(schema, schema.model(target.model), parsed.value ?? {});
    const strictErrors = fieldValidation === 'Ignore' ? [] : [...unknown, ...parsed.strictErrors.filter(isBeside(unknown))];
    if (fieldValidation === 'Strict' && strictErrors.length > 0) throw refuse(`strict decoding error: ${strictErrors.join(', ')}`);
    const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    return { object: { apiVersion, kind: kind.kind, ...withoutKind(value) }, warnings: strictErrors };
  } catch (error) {
    if (error instanceof DecodeTypeError) throw refuse(error.message);
    throw error;
  }
}

/** Tells of a strict error whether it is about a field that is known: what is in an unknown one, and how often it is there, is not looked at. */
function isBeside(unknown: readonly string[]): (error: string) => boolean {
  const paths = unknown.map((each) => each.slice('unknown field "'.length, -1));
  const about = (path: string): boolean => paths.some((each) => path.startsWith(each) && /^(?:$|[.[])/.test(path.slice(each.length)));
  return (error) => !error.startsWith('duplicate field "') || !about(error.slice('duplicate field "'.length, -1));
}

/** The kind that the data claim to be, filled up from what is expected; throws when another one is meant. */
export function checkKind(schema: Schema, value: unknown, target: DecodeTarget): GroupVersionKind {
  const shown = (): Buffer => Buffer.from(JSON.stringify(value));
  if (!isRecord(value)) throw unrecognized(target, notAnObject(value), shown());
  const claimedKind = claimed(value['kind'], 'kind', target, shown);
  const claimedVersion = claimed(value['apiVersion'], 'apiVersion', target, shown);
  const [group, version] = claimedVersion === '' ? [target.group, target.version] : splitApiVersion(claimedVersion, target, shown);
  const kind = { group, version, kind: claimedKind === '' ? target.kind : claimedKind };
  const versions = [target, ...(target.otherVersions ?? [])];
  const isVersion = versions.some((each) => each.group === group && each.version === version);
  if (kind.kind === target.kind && (isVersion || target.isOptions)) return kind;
  if (target.isOptions) throw badRequest(`no kind ${JSON.stringify(kind.kind)} is registered for version ${JSON.stringify(joinApiVersion(group, version))} in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`);
  const actual = schema.byKind(group, version, kind.kind);
  const introduction = `${kind.kind} in version ${JSON.stringify(version)} cannot be handled as a ${target.kind}`;
  if (kind.kind !== target.kind && actual) {
    const internal = `${target.group === '' ? 'core' : target.group.split('.')[0]}.${target.kind}`;
    throw badRequest(`${introduction}: converting (${goTypeName(actual)}) to (${internal}): unknown conversion`);
  }
  if (kind.kind !== target.kind) throw badRequest(`${introduction}: no kind ${JSON.stringify(kind.kind)} is registered for version ${JSON.stringify(joinApiVersion(group, version))} in scheme "pkg/api/legacyscheme/scheme.go:30"`);
  throw badRequest(`the API version in the data (${joinApiVersion(group, version)}) does not match the expected API version (${joinApiVersion(target.group, target.version)})`);
}

function notAnObject(value: unknown): string {
  return `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
}

function claimed(value: unknown, field: string, target: DecodeTarget, bytes: Buffer | (() => Buffer)): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw unrecognized(target, `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(value)} into Go struct field .${field} of type string`, bytes);
}

function splitApiVersion(apiVersion: string, target: DecodeTarget, bytes: Buffer | (() => Buffer)): [string, string] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) throw unrecognized(target, `unexpected GroupVersion string: ${apiVersion}`, bytes);
  return parts.length === 2 ? [parts[0]!, parts[1]!] : ['', parts[0]!];
}

function joinApiVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function withoutKind(value: Record<string, unknown>): Record<string, unknown> {
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = value;
  return rest;
}

const SUMMARY_BYTES = 30;

/** Kubernetes shows the beginning of data it cannot read: as text where they look like JSON, in hexadecimal otherwise. */
function unrecognized({ kind, isOptions }: DecodeTarget, why: string, from: Buffer | (() => Buffer)): ApiError {
  if (isOptions) return badRequest(why);
  const bytes = typeof from === 'function' ? from() : from;
  const isJson = bytes[0] === 0x7b;
  const head = bytes.subarray(0, SUMMARY_BYTES).toString(isJson ? 'utf8' : 'hex');
  const summary = bytes.length === 0 ? '<empty>' : `${head}${bytes.length > SUMMARY_BYTES ? ' ...' : ''}`;
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary})`);
}

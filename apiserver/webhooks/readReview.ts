import type { Schema } from '../../api/schema/schema.ts';
import { goTypeName, type GroupVersionKind } from '../../api/schema/model.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { jsonKind } from '../../api/values/goPrint.ts';
import { DecodeTypeError } from '../codec/decodeError.ts';
import { decodeValue } from '../codec/decodeValue.ts';
import { BodySyntaxError, NumberRangeError, parseJson, parseYamlBody } from '../codec/parseBody.ts';
import { reviewModel } from './reviewModels.ts';

/** YAML is parsed slowly; what is larger is taken for the JSON that it should be. */
const LARGEST_YAML = 64 * 1024;
const OPENING_BRACE = 0x7b;
const VERSIONS: readonly string[] = ['v1', 'v1beta1'];

/** An answer that is no review; the messages are those of Go's client. */
export class ReviewError extends Error {}

/**
 * What a webhook's answer says, in the types of the review that it was sent, as Go's client reads it: JSON or YAML whatever its content type says, of the same
 * kind and version where it tells them; what no such review has is passed over. Throws a `ReviewError`.
 */
export function readReview(schema: Schema, body: Buffer, expected: GroupVersionKind): Readonly<Record<string, unknown>> {
  try {
    return decoded(schema, parse(body) ?? {}, expected);
  } catch (error) {
    if (error instanceof BodySyntaxError) throw noKind(error.message);
    if (error instanceof DecodeTypeError || error instanceof NumberRangeError) throw new ReviewError(error.message);
    throw error;
  }
}

function decoded(schema: Schema, value: unknown, expected: GroupVersionKind): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw noKind(`json: cannot unmarshal ${jsonKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`);
  checkKind(schema, { apiVersion: claimed(value, 'apiVersion'), kind: claimed(value, 'kind') }, expected);
  const { schema: known, model } = reviewModel(schema, expected.version, expected.kind);
  return decodeValue(known, model, value).value;
}

function parse(body: Buffer): unknown {
  const isJson = body[body.findIndex((byte) => byte > 0x20)] === OPENING_BRACE || body.length > LARGEST_YAML;
  return (isJson ? parseJson(body) : parseYamlBody(body)).value;
}

const noKind = (why: string): ReviewError => new ReviewError(`couldn't get version/kind; json parse error: ${why}`);

function claimed(value: Readonly<Record<string, unknown>>, field: string): string {
  const claim = value[field] ?? '';
  if (typeof claim !== 'string') throw noKind(`json: cannot unmarshal ${jsonKind(claim)} into Go struct field .${field} of type string`);
  return claim;
}

/** What is not told is as expected. */
function checkKind(schema: Schema, { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }, expected: GroupVersionKind): void {
  const pieces = apiVersion.split('/');
  if (pieces.length > 2) throw new ReviewError(`unexpected GroupVersion string: ${apiVersion}`);
  const [group, version] = apiVersion === '' ? [expected.group, expected.version] : pieces.length === 1 ? ['', apiVersion] : [pieces[0]!, pieces[1]!];
  const name = kind || expected.kind;
  if (group === expected.group && version === expected.version && name === expected.kind) return;
  const other = group === expected.group && name === expected.kind && VERSIONS.includes(version) ? `${version}.${name}` : group === '' && version === 'v1' && name === 'Status' ? goTypeName(schema.model('V1Status')) : undefined;
  if (other !== undefined) throw new ReviewError(`converting (${other}) to (${expected.version}.${expected.kind}): unknown conversion`);
  throw new ReviewError(`no kind ${JSON.stringify(name)} is registered for version ${JSON.stringify(group === '' ? version : `${group}/${version}`)} in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"`);
}

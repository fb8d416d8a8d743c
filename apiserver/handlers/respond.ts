import type { ApiError } from '../../api/apiError.ts';
import { encodeJson, encodeYaml } from '../codec/encode.ts';
import { PROTOBUF_TYPE } from '../codec/protobuf/envelope.ts';
import type { ResponseForm } from '../request/mediaType.ts';
import type { ApiResponse } from '../types.ts';

export const JSON_TYPE = 'application/json';
const JSON_HEADERS = { 'content-type': JSON_TYPE };

/** A body that is already JSON, with its line break; the common case of every read and write. */
export function jsonBytes(status: number, body: Buffer | readonly Buffer[]): ApiResponse {
  return { status, headers: JSON_HEADERS, body };
}

/** Any value in the form that was asked for; `pretty` indents JSON by two blanks as Kubernetes does. */
export function respond(status: number, value: unknown, form: Pick<ResponseForm, 'format' | 'protobuf'>, pretty = false): ApiResponse {
  const messages = form.protobuf?.encode(value);
  if (messages) return { status, headers: { 'content-type': PROTOBUF_TYPE }, body: messages };
  if (form.format === 'yaml') return { status, headers: { 'content-type': 'application/yaml' }, body: encodeYaml(value) };
  return jsonBytes(status, encodeJson(value, pretty));
}

/** A refusal in the form that was asked for, with its Retry-After where there is one. */
export function respondError(error: ApiError, form: Pick<ResponseForm, 'format' | 'protobuf'> = { format: 'json' }, pretty = false): ApiResponse {
  const retry = error.retryAfterSeconds;
  const response = respond(error.code, error.status, form, pretty);
  return retry === undefined ? response : { ...response, headers: { ...response.headers, 'retry-after': String(retry) } };
}

export function respondText(status: number, text: string, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...headers }, body: Buffer.from(text) };
}

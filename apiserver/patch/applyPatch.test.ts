import { ApiError } from '../../api/apiError.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import type { FieldValidation } from '../codec/decodeBody.ts';
import { applyPatch } from './applyPatch.ts';

const schema = loadSchema();
const TARGET = { group: 'apps', version: 'v1', kind: 'Deployment', model: 'V1Deployment' };
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json; charset=utf-8';
const current = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels: { a: 'b' } }, spec: { replicas: 1 } };

function apply(contentType: string, patch: unknown, fieldValidation: FieldValidation = 'Strict') {
  return applyPatch(schema, contentType, Buffer.from(typeof patch === 'string' ? patch : JSON.stringify(patch)), current, TARGET, fieldValidation);
}

function refusal(contentType: string, patch: unknown, fieldValidation: FieldValidation = 'Strict'): string {
  try {
    apply(contentType, patch, fieldValidation);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.reason}: ${error.message}`;
    throw error;
  }
  throw new Error('was not refused');
}

it.each([
  [JSON_PATCH, [{ op: 'replace', path: '/spec/replicas', value: 3 }, { op: 'remove', path: '/metadata/labels/a' }]],
  [MERGE, { spec: { replicas: 3 }, metadata: { labels: null } }],
  [STRATEGIC, { spec: { replicas: 3 }, metadata: { labels: { a: null } } }],
])('%s changes the object, and the result is decoded', (contentType, patch) => {
  expect(apply(contentType, patch)).toEqual({ object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 3 } }, warnings: [] });
});

it('content types that are no patch are refused', () => {
  expect(refusal('application/json', {})).toBe('415 UnsupportedMediaType: 415: Unsupported Media Type');
});

it('patches that cannot be read are refused', () => {
  expect(refusal(MERGE, '{')).toBe('400 BadRequest: error decoding patch: unexpected end of JSON input');
  expect(refusal(MERGE, [])).toBe('400 BadRequest: error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}');
  expect(refusal(JSON_PATCH, {})).toBe('400 BadRequest: error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
  expect(refusal(JSON_PATCH, {}, 'Ignore')).toBe('400 BadRequest: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  expect(refusal(JSON_PATCH, [1])).toBe('400 BadRequest: error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp');
  expect(refusal(JSON_PATCH, [{ op: 1 }])).toBe('400 BadRequest: error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string');
  expect(refusal(STRATEGIC, [])).toBe('400 BadRequest: json: cannot unmarshal array into Go value of type map[string]interface {}');
  expect(refusal(MERGE, 'null')).toBe('500 : Invalid JSON Patch');
  expect(apply(STRATEGIC, 'null').object).toEqual(current);
  expect(refusal(STRATEGIC, { $retainKeys: 'x' })).toBe('400 BadRequest: invalid patch format of retainKeys');
});

it('operations that do not apply are refused', () => {
  expect(refusal(STRATEGIC, { metadata: { $patch: 'x' } })).toBe('500 : unknown patch type: x in map: map[$patch:x]');
  expect(refusal(JSON_PATCH, [{ op: 'test', path: '/spec/replicas', value: 5 }])).toBe('422 Invalid: the server rejected our request due to an error in our request');
  expect(refusal(JSON_PATCH, Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })))).toBe(
    '413 RequestEntityTooLarge: Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  );
});

it('results that do not fit the model are refused, and show what was sent', () => {
  expect(refusal(STRATEGIC, { spec: { replicas: 'abc' } })).toBe('422 Invalid:  "" is invalid: patch: Invalid value: "map[spec:map[replicas:abc]]": unrecognized type: int32');
  expect(refusal(MERGE, { spec: { replicas: 'abc' } })).toContain('json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32');
});

it('unknown fields follow the field validation', () => {
  expect(refusal(MERGE, { spec: { foo: 1 } })).toContain('strict decoding error: unknown field \\"spec.foo\\"'.replaceAll('\\', ''));
  expect(apply(MERGE, { spec: { foo: 1 } }, 'Warn').warnings).toEqual(['unknown field "spec.foo"']);
  expect(apply(MERGE, '{"spec":{"replicas":1,"replicas":2}}', 'Warn').warnings).toEqual(['duplicate field "spec.replicas"']);
});

it('what a JSON patch says too much follows the field validation', () => {
  const patch = '[{"op":"replace","path":"/spec/replicas","value":3,"foo":1,"value":4}]';
  expect(apply(JSON_PATCH, patch, 'Warn')).toMatchObject({ object: { spec: { replicas: 4 } }, warnings: ['json patch duplicate field "[0].value"', 'json patch unknown field "[0].foo"'] });
  expect(apply(JSON_PATCH, patch, 'Ignore').warnings).toEqual([]);
  expect(refusal(JSON_PATCH, patch)).toContain('strict decoding error: json patch duplicate field "[0].value", json patch unknown field "[0].foo"');
});

it('a patch cannot change what an object is', () => {
  expect(refusal(MERGE, { kind: 'StatefulSet' })).toContain('cannot be handled as a Deployment');
  expect(refusal(JSON_PATCH, [{ op: 'replace', path: '', value: [] }])).toContain('the object provided is unrecognized');
});

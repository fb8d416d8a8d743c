import { isAnnotationKey } from './annotationKey.ts';
import { optionsText } from './optionsText.ts';
import { denied, noDryRun } from './refusal.ts';
import { readAnswer, reviewBody, reviewVersion } from './review.ts';

const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const answer = (response: object, more: object = {}): object => ({ ...envelope, response: { uid: 'u', allowed: true, ...response }, ...more });
const patch = Buffer.from('[]').toString('base64');

describe('an answer', () => {
  it.each<[string, boolean, unknown]>([
    ['webhook response was absent', true, { ...envelope }],
    ['webhook response was absent', true, 'nonsense'],
    ['expected response.uid="u", got ""', true, answer({ uid: undefined })],
    ['expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=', true, answer({}, { apiVersion: undefined, kind: undefined })],
    ['webhook returned response.patch but not response.patchType', true, answer({ patch })],
    ['webhook returned response.patchType but not response.patch', true, answer({ patchType: 'JSONPatch' })],
    ['webhook returned invalid response.patchType of ""', true, answer({ patch, patchType: '' })],
    ['validating webhook may not return response.patch', false, answer({ patch, patchType: 'JSONPatch' })],
    ['validating webhook may not return response.patchType', false, answer({ patchType: 'JSONPatch' })],
  ])('is refused: %s', (message, mutating, review) => {
    expect(() => readAnswer('v1', 'u', mutating, review)).toThrow(message);
  });

  it('is read', () => {
    const read = readAnswer('v1', 'u', true, answer({ patch, patchType: 'JSONPatch', warnings: ['w', 3], auditAnnotations: { a: 'b', c: 1 }, status: { code: 418 } }));
    expect(read).toEqual({ allowed: true, patch: Buffer.from('[]'), patchType: 'JSONPatch', warnings: ['w'], auditAnnotations: { a: 'b' }, status: { code: 418 } });
  });

  it('of the old version need not name the request, nor what its patch is', () => {
    expect(readAnswer('v1beta1', 'u', true, { response: { allowed: true, patch, patchType: 'Foo' } })).toMatchObject({ allowed: true, patch: Buffer.from('[]'), patchType: 'JSONPatch' });
    expect(readAnswer('v1beta1', 'u', false, { response: { allowed: true, patch, patchType: 'Foo' } })).toMatchObject({ allowed: true, patch: undefined, patchType: '' });
  });
});

it('a webhook is asked in the first version that it takes', () => {
  expect(reviewVersion(['v9', 'v1beta1', 'v1'])).toBe('v1beta1');
  expect(() => reviewVersion(['v9'])).toThrow('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
});

it('a review carries objects as they are printed', () => {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
  const body = reviewBody('v1', { uid: 'u', kind, resource, requestKind: kind, requestResource: resource, subresource: 'status', name: 'n', namespace: '', operation: 'UPDATE', user: { name: 'me', groups: [], extra: { a: ['b'] } }, dryRun: true, object: () => '{"x":1}', previous: () => undefined, options: '{}' });
  expect(JSON.parse(body.toString())).toEqual({
    ...envelope,
    request: { uid: 'u', kind, resource, subResource: 'status', requestKind: kind, requestResource: resource, requestSubResource: 'status', name: 'n', operation: 'UPDATE', userInfo: { username: 'me', extra: { a: ['b'] } }, object: { x: 1 }, oldObject: null, dryRun: true, options: {} },
  });
});

it.each<[object | undefined, number, string]>([
  [undefined, 400, 'admission webhook "w" denied the request without explanation'],
  [{ code: 200, reason: 'Why' }, 400, 'admission webhook "w" denied the request: Why'],
  [{ code: 422, message: 'no' }, 422, 'admission webhook "w" denied the request: no'],
  [{ code: 9999, message: 'no' }, 400, 'admission webhook "w" denied the request: no'],
])('a refusal of %j is told', (status, code, message) => {
  expect(denied('w', status).status).toMatchObject({ kind: 'Status', status: 'Failure', code, message });
});

it('a dry run that a webhook does not support is refused', () => {
  expect(noDryRun('w').status).toMatchObject({ code: 400, message: 'admission webhook "w" does not support dry run' });
});

it('options are told in the form of the operation', () => {
  const write = { dryRun: true, fieldValidation: 'Strict', fieldManager: 'me', force: false } as const;
  expect(JSON.parse(optionsText({ operation: 'UPDATE', options: write, dryRun: true })!)).toEqual({ kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'], fieldManager: 'me', fieldValidation: 'Strict' });
  const deletion = { dryRun: false, gracePeriodSeconds: 0, preconditions: { uid: 'u' }, orphanDependents: undefined, propagationPolicy: 'Orphan' };
  expect(JSON.parse(optionsText({ operation: 'DELETE', options: deletion, dryRun: false })!)).toEqual({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', gracePeriodSeconds: 0, preconditions: { uid: 'u' }, propagationPolicy: 'Orphan' });
  expect(optionsText({ operation: 'CONNECT', options: undefined, dryRun: false })).toBeUndefined();
});

it('annotations of audit events are named by a domain and a name', () => {
  const keys = ['w.example.com/why', 'w.example.com/a/b', 'w.example.com/', 'w.example.com/not so', 'why'];
  expect(keys.filter(isAnnotationKey)).toEqual(['w.example.com/why']);
});

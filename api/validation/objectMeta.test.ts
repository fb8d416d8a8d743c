import { validatePathSegmentName } from './names.ts';
import type { ObjectMetaDraft } from '../meta.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './objectMeta.ts';

const META: ObjectMetaDraft = { name: 'web', namespace: 'default' };
const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'a', uid: 'u' };
const text = ({ field, message }: { readonly field: string; readonly message: string }): string => `${field}: ${message}`;
const faults = (meta: ObjectMetaDraft): string[] => validateObjectMeta({ ...META, ...meta }, { group: '', namespaced: true }).map(text);

test.each<[ObjectMetaDraft, ...string[]]>([
  [{ generateName: 'web-' }],
  [{ generateName: 'web--' }],
  [{ generateName: '-' }, expect.stringMatching(/^metadata\.generateName: Invalid value: "-": a lowercase RFC 1123 subdomain/) as string],
  [{ ownerReferences: [OWNER, { ...OWNER, apiVersion: '/v1' }] }],
  ...['', 'apps/', 'a/b/c'].map((apiVersion): [ObjectMetaDraft, string] => [{ ownerReferences: [{ ...OWNER, apiVersion }] }, `metadata.ownerReferences.apiVersion: Invalid value: ${JSON.stringify(apiVersion)}: version must not be empty`]),
  [{ ownerReferences: [{ ...OWNER, apiVersion: 'v1', kind: 'Event' }] }, 'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner'],
  [{ finalizers: ['orphan', 'foregroundDeletion'] }, 'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set'],
  [{ managedFields: [{ operation: 'Apply', manager: 'a' }, { operation: 'Other', fieldsType: 'FieldsV2', manager: 'b\u0007', subresource: 's'.repeat(257) }] }, 'metadata.managedFields[1].operation: Invalid value: "Other": must be `Apply` or `Update`', 'metadata.managedFields[1].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`', 'metadata.managedFields[1].manager: Invalid value: "b\\a": invalid character U+0007 (at position 1)', 'metadata.managedFields[1].subresource: Too long: may not be more than 256 bytes'],
])('%j', (meta, ...messages) => {
  expect(faults(meta)).toEqual(messages);
});

test('each further controller is told with the first', () => {
  const references = ['a', 'b', 'c'].map((name) => ({ ...OWNER, name, controller: true }));
  expect(faults({ ownerReferences: references }).map((each) => each.slice(each.indexOf('Only')))).toEqual(
    ['b', 'c'].map((name) => `Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/a and ReplicaSet/${name}`),
  );
});

test('a kind with names of its own', () => {
  expect(validateObjectMeta({ name: 'system:x' }, { group: 'rbac.authorization.k8s.io', namespaced: false, validateName: validatePathSegmentName })).toEqual([]);
  expect(validateObjectMeta({ name: '..', namespace: 'x' }, { group: '', namespaced: false, validateName: validatePathSegmentName }).map(text)).toEqual(["metadata.name: Invalid value: \"..\": may not be '..'", 'metadata.namespace: Forbidden: not allowed on this type']);
});

test('what an update leaves alone', () => {
  const before: ObjectMetaDraft = { ...META, uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a.b/c'] };
  expect(validateObjectMetaUpdate(before, before)).toEqual([]);
  expect(validateObjectMetaUpdate({ ...before, name: 'other', finalizers: ['a.b/d', 'a.b/c'] }, before).map(text)).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}', 'metadata.name: Invalid value: "other": field is immutable',
  ]);
});

import { builtinDefinitions } from '../../api/kinds/index.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { resetFields } from './resetFields.ts';

const schema = loadSchema();
const ignored = (kind: string, subresource: string) => resetFields(schema, builtinDefinitions.find((each) => each.kind === kind)!, subresource);

// `GetResetFields` of the kinds whose ways of writing are not simply all but the status, and the status.
test.each<[string, string, object]>([
  ['ConfigMap', '', {}],
  ['Namespace', 'finalize', { 'f:status': {} }],
  ['Pod', '', { 'f:status': {} }],
  ['Pod', 'status', { 'f:metadata': { 'f:deletionTimestamp': {}, 'f:ownerReferences': {} }, 'f:spec': {} }],
  ['Deployment', 'status', { 'f:metadata': { 'f:labels': {} }, 'f:spec': {} }],
  ['ResourceClaim', 'status', { 'f:spec': {} }],
  ['ServiceCIDR', 'status', { 'f:spec': {} }],
  ['VolumeAttachment', 'status', { 'f:metadata': {}, 'f:spec': {} }],
  ['CertificateSigningRequest', '', { 'f:spec': {}, 'f:status': {} }],
  ['CertificateSigningRequest', 'status', { 'f:spec': {}, 'f:status': { 'f:conditions': {} } }],
  ['CertificateSigningRequest', 'approval', { 'f:spec': {}, 'f:status': { 'f:certificate': {} } }],
])('%s/%s', (kind, subresource, expected) => {
  expect(ignored(kind, subresource)).toEqual(expected);
});

test('subresources of pods own what they change', () => {
  const owned = (subresource: string): string[] => {
    const set = ignored('Pod', subresource) as Record<string, Record<string, unknown>>;
    expect(Object.keys(set).toSorted()).toEqual(['f:metadata', 'f:spec', 'f:status']);
    return Object.keys(schema.model('V1PodSpec').properties).filter((name) => !(`f:${name}` in set['f:spec']!)).toSorted();
  };
  expect([owned('ephemeralcontainers'), owned('resize')]).toEqual([['ephemeralContainers'], ['containers', 'initContainers', 'resources']]);
});

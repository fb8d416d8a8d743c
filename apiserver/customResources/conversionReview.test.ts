import { accepted, conversionReviewVersion, convertedObjects } from './conversionReview.ts';

const original = { apiVersion: 'g/v1', kind: 'K', metadata: { name: 'n', namespace: 's', uid: 'u', resourceVersion: '7', creationTimestamp: 't', labels: { a: 'b' } } };
const converted = (more: object = {}): object => ({ ...original, apiVersion: 'g/v2', spec: {}, ...more });

it('keeps the metadata, but for labels and annotations', () => {
  const answer = accepted(original, converted({ metadata: { name: 'n', namespace: 's', uid: 'u', annotations: { c: 'd' }, resourceVersion: '9' } }), 'g/v2');
  expect(answer).toEqual({ apiVersion: 'g/v2', kind: 'K', spec: {}, metadata: { name: 'n', namespace: 's', uid: 'u', resourceVersion: '7', creationTimestamp: 't', annotations: { c: 'd' } } });
});

it.each<[string, unknown]>([
  ['returned invalid object at index 0: invalid type', null],
  ['returned invalid object at index 0: invalid groupVersion (expected g/v2, received g/v1)', converted({ apiVersion: 'g/v1' })],
  ['returned invalid object at index 0: invalid kind (expected K, received L)', converted({ kind: 'L' })],
  ['returned invalid object: must have the same name: n != m', converted({ metadata: { ...original.metadata, name: 'm' } })],
  ['returned invalid object: must have the same namespace: s != ', converted({ metadata: { ...original.metadata, namespace: undefined } })],
  ['returned invalid object: must have the same UID: u != v', converted({ metadata: { ...original.metadata, uid: 'v' } })],
  ['returned invalid metadata: invalid metadata.labels of type []interface {} in converted object', converted({ metadata: { ...original.metadata, labels: [] } })],
  ['returned invalid metadata: metadata.annotations[x] must be a string, but is bool in converted object', converted({ metadata: { ...original.metadata, annotations: { x: true } } })],
  ['returned invalid metadata: metadata.labels: ', converted({ metadata: { ...original.metadata, labels: { '-': 'x' } } })],
])('%s', (message, object) => {
  expect(() => accepted(original, object, 'g/v2')).toThrow(message);
});

it('reads the answers of both versions', () => {
  const response = { uid: 'u', result: { status: 'Success' }, convertedObjects: [1] };
  expect(convertedObjects('v1', 'u', { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response })).toEqual([1]);
  expect(convertedObjects('v1beta1', 'other', { response })).toEqual([1]);
  expect(() => convertedObjects('v1', 'u', { apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'ConversionReview', response })).toThrow('expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1beta1, Kind=ConversionReview');
  expect(() => convertedObjects('v1beta1', 'u', {})).toThrow('no response provided');
  expect(() => conversionReviewVersion(['v7'])).toThrow('no supported conversion review versions');
});

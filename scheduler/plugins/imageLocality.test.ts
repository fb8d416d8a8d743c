import { makeCluster, makeInfo, makeNode, scoreAll } from '../testObjects.ts';
import { imageLocality, normalizedImage } from './imageLocality.ts';

const MB = 1024 * 1024;

test('a node that holds a large image is preferred, less so the fewer nodes do', () => {
  const cluster = makeCluster([makeNode('has', { images: { 'db:1': 500 * MB } }), makeNode('not'), makeNode('small', { images: { 'web:latest': 10 * MB } })]);
  expect(scoreAll(imageLocality, makeInfo('p', { image: 'db:1' }), cluster)).toEqual({ has: 14, not: 0, small: 0 });
  expect(scoreAll(imageLocality, makeInfo('p', { image: 'web' }), cluster)).toEqual({ has: 0, not: 0, small: 0 });
  expect(scoreAll(imageLocality, makeInfo('p', { image: 'other' }), cluster)).toBeUndefined();
});

test.each([
  ['web', 'web:latest'],
  ['web:1', 'web:1'],
  ['host:5000/web', 'host:5000/web:latest'],
])('%s is %s', (image, expected) => {
  expect(normalizedImage(image)).toBe(expected);
});

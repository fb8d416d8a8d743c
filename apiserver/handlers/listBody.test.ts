import { encodeJson } from '../codec/encode.ts';
import { serve } from '../registry.ts';
import type { StoredObject } from '../storage/types.ts';
import { listAnswer, listBody } from './listBody.ts';

const served = serve({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', singular: 'configmap', namespaced: true, model: 'V1ConfigMap' });

function stored(name: string, size = 1): StoredObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, uid: '', resourceVersion: '1', creationTimestamp: '' }, data: { x: 'x'.repeat(size) } };
  return { key: name, revision: 1, object, bytes: encodeJson(object) };
}

test.each([0, 1, 2, 7])('%d objects', (count) => {
  const items = Array.from({ length: count }, (_, index) => stored(`c${index}`));
  const parsed = JSON.parse(Buffer.concat(listBody(served, items, { resourceVersion: '9' })).toString());
  expect(parsed).toEqual({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '9' }, items: items.map(({ object }) => object) });
});

test('a long list comes in pieces and is whole', () => {
  const items = Array.from({ length: 10 }, (_, index) => stored(`c${index}`, 100_000));
  const pieces = listBody(served, items, { resourceVersion: '9' });
  expect(pieces.length).toBeGreaterThan(3);
  expect(JSON.parse(Buffer.concat(pieces).toString()).items).toHaveLength(10);
});

test('a very long list flows, and says its length before', async () => {
  const items = Array.from({ length: 50 }, (_, index) => stored(`c${index}`, 100_000));
  const { headers, body } = listAnswer(served, items, { resourceVersion: '9' });
  expect(Array.isArray(body)).toBe(false);
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
  expect(headers['content-length']).toBe(String(Buffer.concat(pieces).length));
  expect(Buffer.concat(pieces).equals(Buffer.concat(listBody(served, items, { resourceVersion: '9' })))).toBe(true);
});

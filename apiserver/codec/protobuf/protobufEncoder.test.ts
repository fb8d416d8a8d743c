import { loadSchema } from '../../../api/schema/schema.ts';
import { decodeBody, type DecodeTarget } from '../decodeBody.ts';
import { MAGIC, PROTOBUF_TYPE } from './envelope.ts';
import { fullObject } from './fullObject.ts';
import { ProtobufEncoder } from './protobufEncoder.ts';

const schema = loadSchema();
const encoder = new ProtobufEncoder(schema);
const CONFIG_MAP: DecodeTarget = { group: '', version: 'v1', kind: 'ConfigMap', model: 'V1ConfigMap' };
const LIST: DecodeTarget = { group: '', version: 'v1', kind: 'ConfigMapList', model: 'V1ConfigMapList' };

function configMap(name: string, text: string): Record<string, unknown> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, creationTimestamp: '2026-11-21T03:28:55Z' }, data: { text } };
}

function read(bytes: Buffer, target: DecodeTarget): Record<string, unknown> {
  return decodeBody(schema, bytes, PROTOBUF_TYPE, target, 'Strict').object;
}

test('an object in its envelope', () => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', ...fullObject(schema, schema.model('V1Deployment')) };
  const bytes = Buffer.concat(encoder.encode(object)!);
  expect(read(bytes, { group: 'apps', version: 'v1', kind: 'Deployment', model: 'V1Deployment' })).toEqual(object);
});

test('a list is cut into pieces, and its items are encoded once', () => {
  const items = Array.from({ length: 40 }, (_, at) => configMap(`c${at}`, 'x'.repeat(20_000)));
  const list = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '7', remainingItemCount: 3 }, items };
  const pieces = encoder.encode(list)!;
  expect(pieces.length).toBeGreaterThan(2);
  const read40 = read(Buffer.concat(pieces), LIST);
  expect(read40['metadata']).toEqual({ resourceVersion: '7', remainingItemCount: 3 });
  expect(read40['items']).toEqual(items.map(({ metadata, data }) => ({ metadata, data })));
});

test('an empty list', () => {
  const list = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '7' }, items: [] };
  expect(read(Buffer.concat(encoder.encode(list)!), LIST)).toEqual({ apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '7' } });
});

test('an event stands in a frame with its length in front, and bears the object with its kind', () => {
  const object = configMap('a', 'x');
  const frame = encoder.event('ADDED', object)!;
  expect(frame.readUInt32BE()).toBe(frame.length - 4);
  expect(frame.subarray(4, 13)).toEqual(Buffer.from('\x0a\x05ADDED\x12' + String.fromCharCode(frame[12]!), 'latin1'));
  expect(read(frame.subarray(frame.indexOf(MAGIC)), CONFIG_MAP)).toEqual(object);
});

test('what has no message is left to others', () => {
  expect([{ apiVersion: 'meta.k8s.io/v1', kind: 'Table' }, { apiVersion: 'example.com/v1', kind: 'Widget' }, { kind: 'Pod' }, 'text'].map((value) => encoder.encode(value))).toEqual([undefined, undefined, undefined, undefined]);
});

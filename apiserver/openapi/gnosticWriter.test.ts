import { Reader } from 'protobufjs/minimal.js';
import { encodeGnosticV2, encodeGnosticV3 } from './gnosticWriter.ts';

type Path = readonly number[];

/** The texts at a path of field numbers. */
function textsAt(bytes: Uint8Array, path: Path): string[] {
  const reader = Reader.create(bytes);
  const found: string[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 !== path[0] || (tag & 7) !== 2) {
      reader.skipType(tag & 7);
      continue;
    }
    const inner = reader.bytes();
    found.push(...(path.length === 1 ? [Buffer.from(inner).toString()] : textsAt(inner, path.slice(1))));
  }
  return found;
}

it('v2: definitions, types, references, required and extensions stand in their fields', () => {
  const bytes = encodeGnosticV2({
    swagger: '2.0',
    definitions: { A: { type: 'object', required: ['b'], properties: { b: { type: 'array', items: { $ref: '#/definitions/B' }, 'x-kubernetes-patch-merge-key': 'name' } } } },
  });
  expect(textsAt(bytes, [1])).toEqual(['2.0']);
  expect(textsAt(bytes, [9, 1, 1])).toEqual(['A']);
  expect(textsAt(bytes, [9, 1, 2, 22, 1])).toEqual(['object']);
  expect(textsAt(bytes, [9, 1, 2, 19])).toEqual(['b']);
  const property = [9, 1, 2, 25, 1];
  expect(textsAt(bytes, [...property, 1])).toEqual(['b']);
  expect(textsAt(bytes, [...property, 2, 23, 1, 1])).toEqual(['#/definitions/B']);
  expect(textsAt(bytes, [...property, 2, 31, 1])).toEqual(['x-kubernetes-patch-merge-key']);
  expect(textsAt(bytes, [...property, 2, 31, 2, 2])).toEqual(['"name"']);
});

it('v2: query parameters of an operation stand in their fields', () => {
  const bytes = encodeGnosticV2({ paths: { '/a': { patch: { parameters: [{ name: 'dryRun', in: 'query', type: 'string' }], 'x-kubernetes-action': 'patch' } } } });
  expect(textsAt(bytes, [8, 2, 1])).toEqual(['/a']);
  expect(textsAt(bytes, [8, 2, 2, 8, 8, 1, 2, 3, 4])).toEqual(['dryRun']);
  expect(textsAt(bytes, [8, 2, 2, 8, 13, 1])).toEqual(['x-kubernetes-action']);
});

it('v3: schemas and references stand in their fields', () => {
  const bytes = encodeGnosticV3({ openapi: '3.0.0', components: { schemas: { A: { type: 'object', properties: { b: { allOf: [{ $ref: '#/components/schemas/B' }], default: 'x' } } } } } });
  expect(textsAt(bytes, [5, 1, 1, 2, 1, 25])).toEqual(['object']);
  const property = [5, 1, 1, 2, 1, 31, 1, 2, 1];
  expect(textsAt(bytes, [...property, 26, 2, 1])).toEqual(['#/components/schemas/B']);
  expect(textsAt(bytes, [...property, 33, 3])).toEqual(['x']);
});

it('a field that gnostic does not have is a fault, not silence', () => {
  expect(() => encodeGnosticV2({ swagger: '2.0', nonsense: 1 })).toThrow('gnostic has no field for nonsense');
});

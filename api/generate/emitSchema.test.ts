import { emitDescriptions, emitSchema, parseType } from './emitSchema.ts';
import { definitionNames } from './facts.ts';

describe('types of client-node', () => {
  it.each([
    ['string', '', { kind: 'string' }],
    ['string', 'byte', { kind: 'bytes' }],
    ['number', 'int32', { kind: 'integer', format: 'int32' }],
    ['number', 'double', { kind: 'number', format: 'double' }],
    ['Date', 'date-time', { kind: 'time' }],
    ['V1MicroTime', 'date-time-micro', { kind: 'microTime' }],
    ['Array<V1Container>', '', { kind: 'list', items: { kind: 'model', model: 'V1Container' } }],
    ['{ [key: string]: string; }', 'byte', { kind: 'map', values: { kind: 'bytes' } }],
    ['{ [key: string]: Array<string>; }', '', { kind: 'map', values: { kind: 'list', items: { kind: 'string' } } }],
  ])('%s %s', (text, format, expected) => {
    expect(parseType(text, format)).toEqual(expected);
  });
  it('strings that are quantities', () => {
    expect(parseType('{ [key: string]: string; }', '', { quantity: true })).toEqual({ kind: 'map', values: { kind: 'quantity' } });
  });
});

it('definitions: the group stands in front where two groups have a name', () => {
  const names = definitionNames(new Set(['V1Pod', 'CoreV1Event', 'EventsV1Event', 'VersionInfo']), {
    'io.k8s.api.core.v1': { group: '', names: ['Pod', 'Event'] },
    'io.k8s.api.events.v1': { group: 'events.k8s.io', names: ['Event'] },
    'io.k8s.apimachinery.pkg.version': { group: '', names: ['Info'] },
  });
  expect([...names].map(([model, { definition }]) => `${model} ${definition}`)).toEqual([
    'V1Pod io.k8s.api.core.v1.Pod',
    'CoreV1Event io.k8s.api.core.v1.Event',
    'EventsV1Event io.k8s.api.events.v1.Event',
    'VersionInfo io.k8s.apimachinery.pkg.version.Info',
  ]);
});

it('facts are merged in, models without a definition are left out, escapes go', () => {
  const property = (name: string, type: string, required = false) => ({ name, type, format: '', required, description: "it\\'s &lt;x&gt;" });
  const models = [
    { name: 'V1A', description: 'A', properties: [property('list', 'Array<string>', true), property('flag', 'boolean'), property('mode', 'string')] },
    { name: 'V1Gone', description: '', properties: [] },
  ];
  const facts = {
    definitions: { 'io.k8s.api.core.v1': { group: '', names: ['A'] } },
    properties: { 'V1A.list': { strategy: 'merge', list: 'set' as const }, 'V1A.flag': { pointer: true }, 'V1A.mode': { go: 'core.v1.Mode', default: 'X' } },
    enums: { 'core.v1.Mode': ['X', 'Y'] },
    protobuf: { V1A: { list: 1, flag: '2.1' } },
  };
  const schema = emitSchema(models, facts, '1.36');
  expect(schema.models).toEqual({
    V1A: {
      definition: 'io.k8s.api.core.v1.A',
      properties: {
        list: { type: { kind: 'list', items: { kind: 'string' } }, required: true, patchStrategy: 'merge', listType: 'set', protobuf: 1, empty: 'null' },
        flag: { type: { kind: 'boolean' }, protobuf: '2.1', empty: 'explicit' },
        mode: { type: { kind: 'string' }, enum: ['X', 'Y'], default: 'X', goType: 'core.v1.Mode', empty: 'omit' },
      },
    },
  });
  expect(emitDescriptions(models, schema)['V1A']?.['flag']).toBe("it's <x>");
});

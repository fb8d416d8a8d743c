import { ApiError } from '../../../api/apiError.ts';
import { builtinDefinitions } from '../../../api/kinds/index.ts';
import type { ModelSchema } from '../../../api/schema/model.ts';
import { loadSchema } from '../../../api/schema/schema.ts';
import { decodeBody, type DecodeTarget } from '../decodeBody.ts';
import { encodeMessage } from './encodeMessage.ts';
import { envelopeAround, PROTOBUF_TYPE } from './envelope.ts';
import { fullObject } from './fullObject.ts';
import { hasProtobuf } from './messagePlan.ts';

const schema = loadSchema();
const POD: DecodeTarget = { group: '', version: 'v1', kind: 'Pod', model: 'V1Pod' };
/** A list says nothing that its items do not say, but for one. */
const kinds = [...schema.models.values()].filter(({ name, groupVersionKind }) => groupVersionKind && hasProtobuf(schema, name) && (!name.endsWith('List') || name === 'V1NamespaceList'));

function targetOf(model: ModelSchema): DecodeTarget {
  return { ...model.groupVersionKind!, model: model.name };
}

function wrapped(raw: Buffer, apiVersion = '', kind = ''): Buffer {
  const { head, tail } = envelopeAround(apiVersion, kind, raw.length);
  return Buffer.concat([head, raw, tail]);
}

function read(bytes: Buffer, target = POD): unknown {
  return decodeBody(schema, bytes, PROTOBUF_TYPE, target, 'Strict').object;
}

function refusal(bytes: Buffer, target = POD): string {
  try {
    read(bytes, target);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('was not refused');
}

/** The same numbers on every run. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('objects with everything in them', () => {
  it.each(kinds.map((model) => [model.name, model] as const))('%s says the same in protobuf as in JSON', (_name, model) => {
    const target = targetOf(model);
    // The unions of JSON schemas have three forms.
    for (const start of model.name === 'V1CustomResourceDefinition' ? [0, 1, 2] : [0]) {
      const object = fullObject(schema, model, start);
      const fromJson = decodeBody(schema, Buffer.from(JSON.stringify(object)), 'application/json', target, 'Strict').object;
      const { apiVersion, kind } = fromJson;
      expect(read(wrapped(encodeMessage(schema, model, object), apiVersion, kind), target)).toEqual(fromJson);
    }
  });

  it('every kind that is served has a message', () => {
    expect(builtinDefinitions.filter(({ model }) => !hasProtobuf(schema, model)).map(({ model }) => model)).toEqual([]);
  });
});

describe('bytes that Go writes', () => {
  const field = (number: number, ...content: number[]): number[] => [number * 8 + 2, content.length, ...content];
  const text = (number: number, value: string): number[] => field(number, ...Buffer.from(value));

  it('a ConfigMap with an empty time, empty texts and an unknown field', () => {
    const metadata = [...text(1, 'a'), ...text(2, ''), ...text(3, ''), ...field(8), 7 * 8, 0, ...text(15, 'x')];
    const raw = Buffer.from([...field(1, ...metadata), ...field(2, ...text(1, 'key'), ...text(2, 'value')), ...field(2, ...text(1, 'empty')), 15 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    const target = { group: '', version: 'v1', kind: 'ConfigMap', model: 'V1ConfigMap' };
    expect(read(wrapped(raw), target)).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: 'value', empty: '' } });
  });

  it('a budget that knows no time of a disrupted pod', () => {
    const budget = { metadata: { name: 'a' }, status: { disruptedPods: { web: null }, disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } };
    const target = { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', model: 'V1PodDisruptionBudget' };
    expect(read(wrapped(encodeMessage(schema, schema.model(target.model), budget)), target)).toMatchObject({ status: { disruptedPods: { web: null } } });
  });

  it('a message in two parts, packed numbers and groups of old', () => {
    const spec = (...content: number[]): number[] => field(2, ...content);
    const securityContext = field(14, 4 * 8 + 2, 3, 1, 0x80, 0x01);
    const group = [13 * 8 + 3, 5 * 8, 1, 14 * 8 + 3, 14 * 8 + 4, 13 * 8 + 4];
    const raw = Buffer.from([...spec(...text(10, 'node')), ...group, ...spec(...securityContext)]);
    expect(read(wrapped(raw))).toMatchObject({ spec: { nodeName: 'node', securityContext: { supplementalGroups: [1, 128] } } });
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'the object provided is unrecognized (must be of type Pod): empty data (<empty>)'],
    ['JSON', Buffer.from('{}'), 'the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})'],
    ['the magic alone', Buffer.from('k8s\0'), 'the object provided is unrecognized (must be of type Pod): empty body (6b387300)'],
    ['a cut envelope', Buffer.from('k8s\0\x0a\x09'), 'the object provided is unrecognized (must be of type Pod): unexpected EOF (6b3873000a09)'],
    ['a cut message', wrapped(Buffer.from([0x0a, 0x7f])), 'Pod in version "v1" cannot be handled as a Pod: unexpected EOF'],
    ['a wrong wire type', wrapped(Buffer.from([0x08, 0x01])), 'Pod in version "v1" cannot be handled as a Pod: proto: wrong wireType = 0 for field Metadata'],
    ['a field of number 0', wrapped(Buffer.from([0x02, 0x00])), 'Pod in version "v1" cannot be handled as a Pod: proto: illegal tag 0 (wire type 2)'],
    ['an endless integer', wrapped(Buffer.alloc(12, 0xff)), 'Pod in version "v1" cannot be handled as a Pod: proto: integer overflow'],
    ['another kind', wrapped(Buffer.alloc(0), 'v1', 'Secret'), 'Secret in version "v1" cannot be handled as a Pod: converting (v1.Secret) to (core.Pod): unknown conversion'],
  ])('%s', (_what, bytes, message) => {
    expect(refusal(bytes)).toBe(`400 ${message}`);
  });

  it('a schema that is nested without end', () => {
    let raw: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 5_000; depth++) {
      // `not`, field 26 of a schema.
      const { head } = envelopeAround('', '', raw.length);
      raw = Buffer.concat([Buffer.from([0xd2, 0x01]), head.subarray(head.lastIndexOf(0x12) + 1), raw]);
    }
    const field = (number: number, content: Buffer): Buffer => {
      const { head } = envelopeAround('', '', content.length);
      return Buffer.concat([Buffer.from([number * 8 + 2]), head.subarray(head.lastIndexOf(0x12) + 1), content]);
    };
    const definition = field(2, field(7, field(4, field(1, raw))));
    const target = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', model: 'V1CustomResourceDefinition' };
    expect(refusal(wrapped(definition), target)).toMatch(/^400 .*exceeded max depth$/);
  });

  it('numbers that JSON could not say', () => {
    const generation = Buffer.from([0x0a, 10, 0x38, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0x0a]);
    expect(refusal(wrapped(generation))).toMatch(/^400 /);
  });
});

it('whatever the bytes, the answer is an object or a 400, and soon', () => {
  const random = numbersFrom(36);
  const targets = ['V1Pod', 'V1CustomResourceDefinition', 'V1Secret', 'V1NetworkPolicy', 'V2HorizontalPodAutoscaler', 'V1Lease'].map((name) => schema.model(name));
  let refused = 0;
  for (let round = 0; round < 3_000; round++) {
    const model = targets[round % targets.length]!;
    const bytes = round % 3 === 0 ? wrapped(Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)))) : Buffer.from(samples(model));
    if (round % 3 !== 0) for (let at = 0; at <= round % 4; at++) bytes[4 + Math.floor(random() * (bytes.length - 4))] = Math.floor(random() * 256);
    try {
      decodeBody(schema, round % 3 === 1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes, PROTOBUF_TYPE, targetOf(model), 'Strict');
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 400) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(1_000);
});

const encoded = new Map<string, Buffer>();

function samples(model: ModelSchema): Buffer {
  let bytes = encoded.get(model.name);
  if (!bytes) encoded.set(model.name, (bytes = wrapped(encodeMessage(schema, model, small(fullObject(schema, model))))));
  return bytes;
}

/** Lists are cut to one item: mutating a big object mostly changes a text. */
function small(object: object): object {
  return JSON.parse(JSON.stringify(object, (_key, value: unknown) => (Array.isArray(value) ? value.slice(0, 1) : value))) as object;
}

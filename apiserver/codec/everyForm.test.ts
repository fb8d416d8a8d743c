import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { buildV3 } from '../openapi/document.ts';
import { schemaFaults, type Definitions } from '../openapi/schemaFaults.ts';
import { applyPatch } from '../patch/applyPatch.ts';
import { serve } from '../registry.ts';
import { decodeBody } from './decodeBody.ts';
import { encodeJson, encodeYaml } from './encode.ts';
import { encodeMessage } from './protobuf/encodeMessage.ts';
import { envelopeAround, PROTOBUF_TYPE } from './protobuf/envelope.ts';
import { fullObject } from './protobuf/fullObject.ts';
import { fillZeroValuesOf } from './zeroValues.ts';

const schema = loadSchema();
const { components } = buildV3(schema, {}, builtinDefinitions.map(serve), 'v1.36.0') as unknown as { components: { schemas: Definitions } };

/** Lists with their first item only: all items are filled alike, and would have the same keys. */
function single(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(single);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, single(each)])) : value;
}

describe.each(builtinDefinitions.map((definition) => [`${apiVersionOf(definition)} ${definition.kind}`, definition] as const))('%s with something in every field', (_name, definition) => {
  const model = schema.model(definition.model);
  const { group, version, kind } = definition;
  const target = { group, version, kind, model: definition.model };
  const object = decodeBody(schema, encodeJson(single(fullObject(schema, model))), 'application/json', target, 'Strict').object;

  test('is the same in JSON, YAML and protobuf', () => {
    expect(decodeBody(schema, encodeJson(object), 'application/json', target, 'Strict').object).toEqual(object);
    expect(decodeBody(schema, encodeYaml(object), 'application/yaml', target, 'Strict').object).toEqual(object);
    const raw = encodeMessage(schema, model, object);
    const { head, tail } = envelopeAround(object.apiVersion, object.kind, raw.length);
    expect(decodeBody(schema, Buffer.concat([head, raw, tail]), PROTOBUF_TYPE, target, 'Strict').object).toEqual(object);
  });

  test.each(['application/strategic-merge-patch+json', 'application/merge-patch+json'])('is unchanged by itself as %s', (type) => {
    expect(applyPatch(schema, type, encodeJson(object), object, target, 'Strict').object).toEqual(object);
  });

  test('is what the published schema says, as is an empty one that is stored', () => {
    const published = components.schemas[model.definition]!;
    expect(schemaFaults(components.schemas, published, object, '', false)).toEqual([]);
    expect(Object.keys(object).sort()).toEqual(Object.keys(published.properties ?? {}).sort());
    const empty = { apiVersion: object.apiVersion, kind, metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' } };
    fillZeroValuesOf(schema, definition, empty);
    // What a client must give is missing; nothing else may be at fault.
    expect(schemaFaults(components.schemas, published, empty, '', false).filter((fault) => !fault.endsWith(': is missing'))).toEqual([]);
  });
});

import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { fullObject } from '../codec/protobuf/fullObject.ts';
import { decodeValue } from '../codec/decodeValue.ts';
import { fillZeroValues } from '../codec/zeroValues.ts';
import { applyConfiguration } from './applyConfiguration.ts';
import { compareObjects } from './compareObjects.ts';
import { asMap, type Fields } from './fieldType.ts';
import { EMPTY, isEmpty, parseFieldSet } from './fieldSet.ts';
import { writeOwners } from './managedFields.ts';
import { resetFields } from './resetFields.ts';
import { modelType } from './schemaTypes.ts';
import type { Tracking } from './tracking.ts';
import { trackUpdate } from './trackUpdate.ts';
import { typeFaults } from './validateTyped.ts';

const schema = loadSchema();

describe.each(builtinDefinitions.map((definition) => [`${apiVersionOf(definition)} ${definition.kind}`, definition] as const))('%s', (_name, definition) => {
  const apiVersion = apiVersionOf(definition);
  const type = modelType(schema, definition.model);
  const filled = single(fullObject(schema, schema.model(definition.model))) as Fields;
  const { managedFields: _managedFields, ...metadata } = asMap(filled['metadata']) ?? {};
  const full: Fields = { ...filled, apiVersion, kind: definition.kind, metadata };
  const tracking: Tracking = { type, apiVersion, subresource: '', ignored: EMPTY, now: '2026-01-01T00:00:00Z', typeIn: () => type, convert: (object) => object };

  test('an object with every field fits its type, and applying it to itself changes nothing', () => {
    expect(typeFaults(type, full)).toEqual([]);
    const first = applyConfiguration(tracking, 'me', undefined, full, new Map(), false);
    expect(first.object).toEqual(full);
    const entries = writeOwners(first.owners)!;
    expect(parseFieldSet(entries[0]!.fieldsV1)).toEqual(entries[0]!.fieldsV1);
    const again = applyConfiguration(tracking, 'me', full, full, first.owners, false);
    expect(again.object).toBeUndefined();
    expect(writeOwners(again.owners)).toEqual(entries);
    const gone = applyConfiguration(tracking, 'me', full, { apiVersion, kind: definition.kind, metadata: { name: 'x' } }, first.owners, false);
    const left = decodeValue(schema, schema.model(definition.model), gone.object).value;
    expect(Object.keys(left).filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name) && !isNothing(left[name]))).toEqual([]);
  });

  test('zero values that are stored are nobody’s change', () => {
    const object = structuredClone(full) as Record<string, unknown>;
    fillZeroValues(schema, schema.model(definition.model), object);
    const { added, modified, removed } = compareObjects(type, full, object);
    expect([added, modified, removed]).toEqual([{}, {}, {}]);
    const bare = {};
    fillZeroValues(schema, schema.model(definition.model), bare);
    expect(compareObjects(type, {}, bare)).toMatchObject({ added: {}, modified: {}, removed: {} });
  });

  test('an update of the status owns nothing else', () => {
    const owners = trackUpdate({ ...tracking, subresource: 'status', ignored: resetFields(schema, definition, 'status') }, 'me', undefined, full, new Map());
    const [fields] = [...owners.values()].map((owner) => owner.fields);
    expect(Object.keys(fields ?? {}).filter((name) => name !== 'f:status' && name !== 'f:metadata')).toEqual([]);
    expect(isEmpty(fields ?? EMPTY)).toBe(fields === undefined);
  });
});

/** Lists with their first item only: all items are filled alike, and would have the same keys. */
function single(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(single);
  const fields = asMap(value);
  return fields ? Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, single(each)])) : value;
}

/** What is printed even when it is empty. */
function isNothing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  return Object.values(value).every(isNothing);
}

import { seededRandom } from '../../api/schema/seededRandom.ts';
import { setOf } from './fieldSet.ts';
import { mergeObjects } from './mergeObjects.ts';
import { withNamedFields } from './namedFields.ts';
import { randomSample } from './randomSample.ts';
import { reconcileSet } from './reconcileSet.ts';
import { removeFields } from './removeFields.ts';
import { mapOf, SAMPLE, STRING, struct } from './testTypes.ts';
import { toFieldSet } from './toFieldSet.ts';
import { faultsMessage, typeFaults } from './validateTyped.ts';

describe('toFieldSet', () => {
  test.each([
    ['scalars, structs by what is in them', { text: 'a', part: { a: '1' } }, { 'f:text': {}, 'f:part': { 'f:a': {} } }],
    ['an empty struct and null', { part: {}, text: null }, { 'f:part': {}, 'f:text': {} }],
    ['entries of a map', { labels: { a: '1' } }, { 'f:labels': { 'f:a': {} } }],
    ['what is owned as a whole', { selector: { a: '1' }, whole: { a: '1' }, words: ['a'] }, { 'f:selector': {}, 'f:whole': {}, 'f:words': {} }],
    ['items with all that is in them', { items: [{ name: 'a', port: 1 }], tags: ['x'] }, { 'f:items': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:port': {} } }, 'f:tags': { 'v:"x"': {} } }],
    ['doubles as one', { items: [{ name: 'a', port: 1 }, { name: 'a' }] }, { 'f:items': { 'k:{"name":"a"}': {} } }],
    ['free-form data', { free: { a: { b: 1 }, c: [1] } }, { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} } }],
    ['an empty list says nothing', { tags: [], items: [] }, {}],
  ])('%s', (_what, value, set) => {
    expect(toFieldSet(SAMPLE, value)).toEqual(set);
  });
});

describe('mergeObjects', () => {
  test('merges maps, lets the configuration win, and takes nothing away', () => {
    const live = { text: 'a', labels: { a: '1', b: '2' }, selector: { a: '1' }, words: ['x'], part: { a: '1' }, items: [{ name: 'one', port: 1 }] };
    const applied = { labels: { b: '3' }, selector: { c: '1' }, words: ['y'], part: { b: '2' }, items: [{ name: 'one', protocol: 'UDP' }] };
    expect(mergeObjects(SAMPLE, live, applied)).toEqual({ text: 'a', labels: { a: '1', b: '3' }, selector: { c: '1' }, words: ['y'], part: { a: '1', b: '2' }, items: [{ name: 'one', port: 1, protocol: 'UDP' }] });
  });

  test.each([
    [['a', 'b', 'c'], ['c', 'a'], ['b', 'c', 'a']],
    [['a', 'b', 'c', 'd', 'e'], ['f', 'e', 'd', 'c', 'b', 'a'], ['f', 'e', 'd', 'c', 'b', 'a']],
    [['1', '2', '3'], ['4', '2'], ['1', '4', '2', '3']],
    [[], ['a', 'b'], ['a', 'b']],
    [['a', 'b'], [], ['a', 'b']],
    [['a', 'x', 'b', 'y'], ['b', 'a'], ['x', 'b', 'y', 'a']],
  ])('lists %j and %j', (live, applied, merged) => {
    expect(mergeObjects(SAMPLE, { tags: live }, { tags: applied })).toEqual({ tags: merged });
  });

  test.each(Array.from({ length: 100 }, (_, seed) => seed))('of itself is itself, and holds all that was applied (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const [live, applied] = [randomSample(random), randomSample(random)];
    expect(mergeObjects(SAMPLE, live, structuredClone(live))).toEqual(live);
    const merged = mergeObjects(SAMPLE, live, applied);
    expect(mergeObjects(SAMPLE, merged, applied)).toEqual(merged);
    expect(typeFaults(SAMPLE, merged)).toEqual([]);
  });
});

test('removeFields takes members and what is in them; what becomes empty is null', () => {
  const value = { text: 'a', labels: { a: '1', b: '2' }, items: [{ name: 'one', port: 1 }, { name: 'two' }], tags: ['x'] };
  const set = setOf(['f:text'], ['f:labels', 'f:a'], ['f:items', 'k:{"name":"one"}', 'f:port'], ['f:items', 'k:{"name":"two"}'], ['f:tags', 'v:"x"']);
  expect(removeFields(SAMPLE, value, set)).toEqual({ labels: { b: '2' }, items: [{ name: 'one' }], tags: null });
  expect(value.labels).toEqual({ a: '1', b: '2' });
});

test('withNamedFields makes members of declared fields on the way, not of map entries and items', () => {
  const set = setOf(['f:part', 'f:deep', 'f:c'], ['f:labels', 'f:a'], ['f:items', 'k:{"name":"a"}', 'f:port']);
  expect(withNamedFields(set, SAMPLE)).toEqual({
    'f:part': { '.': {}, 'f:deep': { '.': {}, 'f:c': {} } },
    'f:labels': { '.': {}, 'f:a': {} },
    'f:items': { '.': {}, 'k:{"name":"a"}': { 'f:port': {} } },
  });
});

test('reconcileSet owns as a whole what became atomic, and leaves the rest as it is', () => {
  const set = setOf(['f:a', 'f:x'], ['f:b', 'f:y']);
  const changed = struct({ a: mapOf(STRING, true), b: mapOf(STRING) });
  expect(reconcileSet(set, changed)).toEqual({ 'f:a': {}, 'f:b': { 'f:y': {} } });
  const same = struct({ a: mapOf(STRING), b: mapOf(STRING) });
  expect(reconcileSet(set, same)).toBe(set);
});

test.each([
  [{ count: 'x' }, '.count: expected numeric (int or float), got string'],
  [{ text: true }, '.text: expected string, got &value.valueUnstructured{Value:true}'],
  [{ part: { x: 1 } }, '.part.x: field not declared in schema'],
  [{ labels: [] }, '.labels: expected map, got &{[]}'],
  [{ items: { a: 1 } }, '.items: expected list, got &{map[a:1]}'],
  [{ items: [{ port: 1 }] }, '.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)'],
  [{ items: [{ name: 'a' }, { name: 'a' }] }, '.items: duplicate entries for key [name="a"]'],
  [{ items: [{ name: 'a', port: '1' }] }, '.items[name="a"].port: expected numeric (int or float), got string'],
  [{ tags: [{}] }, ".tags: element 0: associative list without keys has an element that's a map type"],
  [{ count: 'x', text: 1 }, 'errors:\n  .count: expected numeric (int or float), got string\n  .text: expected string, got &value.valueUnstructured{Value:1}'],
])('typeFaults of %j', (value, message) => {
  expect(faultsMessage(typeFaults(SAMPLE, value))).toBe(message);
});

import { seededRandom } from '../../api/schema/seededRandom.ts';
import { difference, has, intersection, isEmpty, parseFieldSet, pathsOf, recursiveDifference, setOf, sorted, union, type FieldSet } from './fieldSet.ts';
import { compareElements, keyElement, showPath, valueElement } from './pathElement.ts';

const texts = (set: FieldSet): string[] => pathsOf(set).map((path) => path.join('/')).sort();

function randomSet(random: () => number): FieldSet {
  const elements = ['f:a', 'f:b', 'k:{"n":1}', 'v:"x"'];
  const paths = Array.from({ length: Math.floor(random() * 8) }, () => Array.from({ length: 1 + Math.floor(random() * 3) }, () => elements[Math.floor(random() * elements.length)]!));
  return setOf(...paths);
}

/** The same operations on plain sets of texts. */
const expected = {
  union: (a: string[], b: string[]) => [...new Set([...a, ...b])].sort(),
  intersection: (a: string[], b: string[]) => a.filter((each) => b.includes(each)),
  difference: (a: string[], b: string[]) => a.filter((each) => !b.includes(each)),
  recursive: (a: string[], b: string[]) => a.filter((each) => !b.some((gone) => each === gone || each.startsWith(`${gone}/`))),
};

describe('sets of fields', () => {
  test.each([[['b', 'a', '-1', 'Z', 'a#', 'aé', 'a\u{1f600}']], [['b', 'a!', 'a', 'a b', 'a"', 'a\\', 'a\n', '']]])('items of the set %j come in the order of their texts', (items) => {
    const order = Object.keys(sorted(setOf(...items.map((item) => [valueElement(item)]))));
    expect(order.map((element): unknown => JSON.parse(element.slice(2)))).toEqual(items.toSorted());
  });

  test('are in the form of fieldsV1', () => {
    expect(setOf(['f:a'], ['f:a', 'f:b'], ['f:c', 'f:d'])).toEqual({ 'f:a': { '.': {}, 'f:b': {} }, 'f:c': { 'f:d': {} } });
    expect(setOf(['f:a', 'f:b'], ['f:a'])).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
    const set = setOf(['f:a'], ['f:c', 'f:d']);
    expect([has(set, ['f:a']), has(set, ['f:c']), has(set, ['f:c', 'f:d']), has(set, ['f:x', 'f:y']), has(set, [])]).toEqual([true, false, true, false, false]);
  });

  test.each(Array.from({ length: 200 }, (_, seed) => seed))('obey the laws of sets (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const [a, b, c] = [randomSet(random), randomSet(random), randomSet(random)];
    const before = JSON.stringify([a, b]);
    expect(texts(union(a, b))).toEqual(expected.union(texts(a), texts(b)));
    expect(texts(intersection(a, b))).toEqual(expected.intersection(texts(a), texts(b)));
    expect(texts(difference(a, b))).toEqual(expected.difference(texts(a), texts(b)));
    expect(texts(recursiveDifference(a, b))).toEqual(expected.recursive(texts(a), texts(b)));
    expect(union(union(a, b), c)).toEqual(union(a, union(b, c)));
    expect(union(difference(a, b), intersection(a, b))).toEqual(a);
    expect(isEmpty(difference(a, a))).toBe(true);
    expect(sorted(a)).toEqual(a);
    expect(parseFieldSet(JSON.parse(JSON.stringify(a)))).toEqual(a);
    expect(setOf(...pathsOf(a))).toEqual(a);
    expect(JSON.stringify([a, b])).toBe(before);
  });

  test('are listed as Kubernetes lists them: the mark, fields, keys, values, indexes', () => {
    const mixed = { 'v:"b"': {}, 'i:10': {}, 'i:9': {}, 'k:{"port":443}': {}, 'k:{"port":80}': {}, 'f:b': { 'f:z': {}, '.': {} }, 'f:a': {}, 'v:"a"': {} };
    expect(JSON.stringify(sorted(mixed))).toBe('{"f:a":{},"f:b":{".":{},"f:z":{}},"k:{\\"port\\":80}":{},"k:{\\"port\\":443}":{},"v:\\"a\\"":{},"v:\\"b\\"":{},"i:9":{},"i:10":{}}');
    expect(compareElements('k:{"a":1}', 'k:{"a":1,"b":2}')).toBeLessThan(0);
    expect(compareElements('k:{"a":1}', 'k:{"a":"1"}')).toBeLessThan(0);
  });

  test('what a client sends is made canonical, or refused', () => {
    expect(parseFieldSet({ 'k:{ "b": 2, "a": "x" }': { '.': {} }, 'f:c': { 'f:d': {} } })).toEqual({ 'k:{"a":"x","b":2}': {}, 'f:c': { 'f:d': {} } });
    for (const bad of [null, [], 'text', { x: {} }, { 'k:1': {} }, { 'k:{': {} }, { 'v:{': {} }, { 'i:a': {} }, { 'f:a': 1 }, { 'k:{"a":{}}': {} }, { 'v:[1]': {} }]) expect(parseFieldSet(bad)).toBeUndefined();
  });

  test('paths are shown as Kubernetes shows them', () => {
    expect(showPath(['f:spec', 'f:containers', keyElement([['name', 'web'], ['a', 1]]), 'f:args', 'i:2'])).toBe('.spec.containers[a=1,name="web"].args[2]');
    expect(showPath(['f:a', keyElement([['name', { b: 1e-7, c: ['\u0000'] }]])])).toBe('.a[name=b=1e-07c=["\\x00"]]');
    expect(showPath(['f:metadata', 'f:finalizers', valueElement('x/y')])).toBe('.metadata.finalizers[="x/y"]');
  });
});

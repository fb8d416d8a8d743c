import { seededRandom } from '../../api/schema/seededRandom.ts';
import { compareInSteps, compareObjects } from './compareObjects.ts';
import { intersection, isEmpty, union } from './fieldSet.ts';
import { randomSample } from './randomSample.ts';
import { mapOf, NUMBER, SAMPLE, STRING, struct } from './testTypes.ts';

const compare = (before: unknown, after: unknown): object => compareObjects(SAMPLE, before, after);

describe('compareObjects', () => {
  test.each([
    ['a scalar', { text: 'a' }, { text: 'b' }, { added: {}, modified: { 'f:text': {} }, removed: {} }],
    ['a scalar that comes', {}, { text: 'b' }, { added: { 'f:text': {} }, modified: {}, removed: {} }],
    ['a map that comes, with its entries', {}, { labels: { a: '1' } }, { added: { 'f:labels': { '.': {}, 'f:a': {} } }, modified: {}, removed: {} }],
    ['an entry', { labels: { a: '1' } }, { labels: { b: '1' } }, { added: { 'f:labels': { 'f:b': {} } }, modified: {}, removed: { 'f:labels': { 'f:a': {} } } }],
    ['an atomic map', { selector: { a: '1' } }, { selector: { b: '1' } }, { added: {}, modified: { 'f:selector': {} }, removed: {} }],
    ['an atomic struct', { whole: { a: '1' } }, { whole: { a: '2' } }, { added: {}, modified: { 'f:whole': {} }, removed: {} }],
    ['an atomic list', { words: ['a'] }, { words: ['b'] }, { added: {}, modified: { 'f:words': {} }, removed: {} }],
    ['a set, whatever its order', { tags: ['a', 'b'] }, { tags: ['c', 'b'] }, { added: { 'f:tags': { 'v:"c"': {} } }, modified: {}, removed: { 'f:tags': { 'v:"a"': {} } } }],
    ['an item', { items: [{ name: 'a', port: 1 }] }, { items: [{ name: 'b' }, { name: 'a', port: 2 }] }, { added: { 'f:items': { 'k:{"name":"b"}': { '.': {}, 'f:name': {} } } }, modified: { 'f:items': { 'k:{"name":"a"}': { 'f:port': {} } } }, removed: {} }],
    ['an item whose key has a default', { ports: [{ port: 80 }] }, { ports: [{ port: 80, protocol: 'TCP' }] }, { added: { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:protocol': {} } } }, modified: {}, removed: {} }],
    ['items that became doubles', { tags: ['a'] }, { tags: ['a', 'a'] }, { added: { 'f:tags': { 'v:"a"': {} } }, modified: {}, removed: { 'f:tags': { 'v:"a"': {} } } }],
    ['an empty map that comes', {}, { labels: {} }, { added: { 'f:labels': {} }, modified: {}, removed: {} }],
    ['free-form data that took another form', { free: 1 }, { free: { a: 1 } }, { added: { 'f:free': { 'f:a': {} } }, modified: { 'f:free': {} }, removed: {} }],
    ['null, which is not absence', { text: null }, { text: 'a' }, { added: {}, modified: { 'f:text': {} }, removed: {} }],
  ])('%s', (_what, before, after, result) => {
    expect(compare(before, after)).toMatchObject(result);
  });

  test('long maps and lists, beside and within each other, are compared in steps, with the same result', () => {
    const many = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => each(index));
    const labels = Object.fromEntries(many(25_000, (index) => [`k${index}`, 'x']));
    const after = { labels, tags: many(25_000, String), items: [{ name: 'a', limits: labels }], text: 'a' };
    const before = { labels: { ...labels, k7: 'y' }, tags: ['7', 'gone'], items: [{ name: 'a' }] };
    const work = compareInSteps(SAMPLE, before, after);
    let steps = 0;
    let step = work.next();
    for (; !step.done; step = work.next()) steps += 1;
    const { added, modified, removed } = step.value;
    expect(steps).toBeGreaterThan(10);
    expect(modified).toEqual({ 'f:labels': { 'f:k7': {} } });
    expect(removed).toEqual({ 'f:tags': { 'v:"gone"': {} } });
    const names = (...path: readonly string[]): string[] => Object.keys(path.reduce<object>((set, element) => (set as Record<string, object>)[element]!, added));
    expect(names().toSorted()).toEqual(['f:items', 'f:tags', 'f:text']);
    expect(names('f:tags')).toHaveLength(24_999);
    expect(names('f:items', 'k:{"name":"a"}', 'f:limits')).toHaveLength(25_001);
  });

  test('a zero value that is printed is there in a struct that is there', () => {
    const type = struct({ spec: struct({ inner: struct({ a: STRING }), count: NUMBER }, { zeros: { inner: {}, count: 0 } }), other: mapOf(STRING) }, { zeros: { spec: {} } });
    expect(compareObjects(type, {}, { spec: { inner: { a: 'x' } } })).toMatchObject({ added: { 'f:spec': { 'f:inner': { 'f:a': {} } } } });
    expect(compareObjects(type, {}, { spec: { inner: {}, count: 0 } })).toMatchObject({ added: {}, modified: {}, removed: {} });
    expect(compareObjects(type, { spec: { count: 2 } }, {})).toMatchObject({ added: {}, modified: { 'f:spec': { 'f:count': {} } }, removed: {} });
  });

  test.each(Array.from({ length: 100 }, (_, seed) => seed))('what came one way goes the other way (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const [a, b] = [randomSample(random), randomSample(random)];
    const [there, back] = [compareObjects(SAMPLE, a, b), compareObjects(SAMPLE, b, a)];
    expect(there.added).toEqual(back.removed);
    expect(there.removed).toEqual(back.added);
    expect(there.modified).toEqual(back.modified);
    expect(isEmpty(intersection(there.added, there.removed))).toBe(true);
    const same = compareObjects(SAMPLE, a, structuredClone(a));
    expect(union(same.added, union(same.modified, same.removed))).toEqual({});
  });
});

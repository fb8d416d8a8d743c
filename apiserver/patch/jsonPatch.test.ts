import { applyJsonPatch } from './jsonPatch.ts';
import { applyMergePatch } from './mergePatch.ts';

describe('JSON patch (RFC 6902)', () => {
  const document = { a: { b: [1, 2, 3], 'x/y': 1, 'm~n': 2 }, c: null };
  it.each([
    [[{ op: 'add', path: '/a/b/1', value: 9 }], { ...document, a: { ...document.a, b: [1, 9, 2, 3] } }],
    [[{ op: 'add', path: '/a/b/-', value: 9 }], { ...document, a: { ...document.a, b: [1, 2, 3, 9] } }],
    [[{ op: 'add', path: '/d', value: null }], { ...document, d: null }],
    [[{ op: 'replace', path: '/a/x~1y', value: 5 }], { ...document, a: { ...document.a, 'x/y': 5 } }],
    [[{ op: 'remove', path: '/a/b/-1' }], { ...document, a: { ...document.a, b: [1, 2] } }],
    [[{ op: 'remove', path: '/a/m~0n' }], { a: { b: [1, 2, 3], 'x/y': 1 }, c: null }],
    [[{ op: 'move', from: '/a/b', path: '/b' }], { a: { 'x/y': 1, 'm~n': 2 }, c: null, b: [1, 2, 3] }],
    [[{ op: 'copy', from: '/a/b', path: '/b' }, { op: 'add', path: '/b/0', value: 0 }], { ...document, b: [0, 1, 2, 3] }],
    [[{ op: 'test', path: '/a/b', value: [1, 2, 3] }, { op: 'test', path: '/c', value: null }, { op: 'test', path: '/nowhere', value: null }], document],
    [[{ op: 'replace', path: '', value: { new: true } }], { new: true }],
  ])('%j', (operations, expected) => {
    const before = JSON.stringify(document);
    expect(applyJsonPatch(document, operations)).toEqual(expected);
    expect(JSON.stringify(document)).toBe(before);
  });

  it.each([
    [{ op: 'remove', path: '/nowhere' }, 'doc is missing path: /nowhere'],
    [{ op: 'replace', path: '/nowhere', value: 1 }, 'doc is missing path: /nowhere'],
    [{ op: 'add', path: '/nowhere/b', value: 1 }, 'doc is missing path: /nowhere'],
    [{ op: 'add', path: '/a/b/5', value: 1 }, 'doc is missing path: /a/b/5'],
    [{ op: 'add', path: '/a/b/01', value: 1 }, 'doc is missing path: /a/b/01'],
    [{ op: 'test', path: '/a/b/0', value: 2 }, 'testing value /a/b/0 failed'],
    [{ op: 'frobnicate', path: '/a' }, 'Unexpected kind: frobnicate'],
    [{ op: 'add', path: '/a' }, 'operation missing value field'],
    [{ op: 'add', path: '/__proto__', value: {} }, 'the key "__proto__" is not supported'],
    [{ op: 'add', path: '/__proto__/polluted', value: 1 }, 'doc is missing path: /__proto__'],
    [{ op: 'add', path: 'a', value: 1 }, 'invalid path: a'],
    ['add', 'an operation must be an object'],
  ])('refuses %j', (operation, message) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(message);
  });

  it('bounds what copies may add', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '', path: `/k${index}` }));
    expect(() => applyJsonPatch({ a: 'x'.repeat(100) }, doubling)).toThrow('exceeding the limit');
  });
});

describe('merge patch (RFC 7386)', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 'foo' }, ['c'], ['c']],
  ])('%j with %j', (current, patch, expected) => {
    expect(applyMergePatch(current, patch)).toEqual(expected);
  });
  it('does not reach a prototype', () => {
    applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

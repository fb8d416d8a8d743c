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
    [[{ op: 'replace', path: '/nowhere', value: 1 }], { ...document, nowhere: 1 }],
    [[{ op: 'add', path: '/d' }], { ...document, d: null }],
    [[{ op: 'copy', from: '/nowhere', path: '/d' }], { ...document, d: null }],
    [[{ op: 'add', path: '/a/b/01', value: 9 }, { op: 'add', path: '/a/b/-1', value: 8 }], { ...document, a: { ...document.a, b: [1, 9, 2, 3, 8] } }],
    [[{ op: 'add', path: 'ignored/e', value: 9 }], { ...document, e: 9 }],
    [[{ op: 'test', path: '/nowhere' }, { op: 'test', path: '/c' }], document],
  ])('%j', (operations, expected) => {
    const before = JSON.stringify(document);
    expect(applyJsonPatch(document, operations)).toEqual(expected);
    expect(JSON.stringify(document)).toBe(before);
  });

  it.each([
    [{ op: 'remove', path: '/nowhere' }, "error in remove for path: '/nowhere': Unable to remove nonexistent key: nowhere: missing value"],
    [{ op: 'remove', path: '' }, 'remove operation does not apply: doc is missing path: "": missing value'],
    [{ op: 'remove', path: '/a/b/3' }, "error in remove for path: '/a/b/3': Unable to access invalid index: 3: invalid index referenced"],
    [{ op: 'replace', path: '/nowhere/b', value: 1 }, 'replace operation does not apply: doc is missing path: /nowhere/b: missing value'],
    [{ op: 'replace', path: '/a/b/3', value: 1 }, 'replace operation does not apply: doc is missing key: /a/b/3: missing value'],
    [{ op: 'replace', path: '', value: 1 }, 'replace operation value must be object or array'],
    [{ op: 'add', path: '/nowhere/b', value: 1 }, 'add operation does not apply: doc is missing path: "/nowhere/b": missing value'],
    [{ op: 'add', path: '', value: {} }, 'add operation does not apply: doc is missing path: "": missing value'],
    [{ op: 'add', path: '/a/b/5', value: 1 }, "error in add for path: '/a/b/5': Unable to access invalid index: 5: invalid index referenced"],
    [{ op: 'add', path: '/a/b/-5', value: 1 }, "error in add for path: '/a/b/-5': Unable to access invalid index: -5: invalid index referenced"],
    [{ op: 'add', path: '/a/b/x', value: 1 }, `error in add for path: '/a/b/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`],
    [{ op: 'move', from: '/nowhere', path: '/b' }, "error in move for path: 'nowhere': Unable to remove nonexistent key: nowhere: missing value"],
    [{ op: 'move', from: '/a', path: '/a/c' }, 'move operation does not apply: doc is missing destination path: /a/c: missing value'],
    [{ op: 'move', path: '/b' }, 'move operation failed to decode from: operation, missing from field: missing value'],
    [{ op: 'replace', value: 1 }, 'replace operation failed to decode path: operation missing path field: missing value'],
    [{ op: 'copy', from: '/nowhere/x' }, 'copy operation does not apply: doc is missing from path: /nowhere/x: missing value'],
    [{ op: 'copy', from: '/a/b/9', path: '/b' }, "error in copy for from: '/a/b/9': Unable to access invalid index: 9"],
    [{ op: 'copy', from: '', path: '/b' }, 'copy operation does not apply: doc is missing from path: : missing value'],
    [{ op: 'test', path: '/a/b/0', value: 2 }, 'testing value /a/b/0 failed: test failed'],
    [{ op: 'test', path: '/a/b/3', value: null }, "error in test for path: '/a/b/3': Unable to access invalid index: 3"],
    [{ op: 'test', path: '/nowhere/b', value: null }, 'test operation does not apply: is missing path: /nowhere/b: missing value'],
    [{ op: 'frobnicate', path: '/a' }, 'Unexpected kind: frobnicate'],
    [{ op: 'add', path: '/__proto__/polluted', value: 1 }, 'add operation does not apply: doc is missing path: "/__proto__/polluted": missing value'],
    [{ op: 'add', path: 'a', value: 1 }, 'add operation does not apply: doc is missing path: "a": missing value'],
    [{ op: 'add', value: 1 }, 'add operation failed to decode path: missing value'],
    ['add', 'Unexpected kind: unknown'],
  ])('refuses %j', (operation, message) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(message);
  });

  it('bounds what copies may add', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/a', path: `/a/k${index}` }));
    expect(() => applyJsonPatch({ a: { x: 'x'.repeat(100) } }, doubling)).toThrow('exceeding the limit');
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
    // Nulls of objects in lists stay only where a list takes the place of an object.
    [{}, { a: [{ b: null, c: 1 }, null] }, { a: [{ c: 1 }, null] }],
    [{ a: [1] }, { a: [{ b: null }] }, { a: [{}] }],
    [{ a: {} }, { a: [{ b: null }] }, { a: [{ b: null }] }],
  ])('%j with %j', (current, patch, expected) => {
    expect(applyMergePatch(current, patch)).toEqual(expected);
  });
  it('does not reach a prototype', () => {
    const patched = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"polluted":1}}');
    expect(JSON.stringify(applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: {} }, { op: 'add', path: '/__proto__/polluted', value: 1 }]))).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

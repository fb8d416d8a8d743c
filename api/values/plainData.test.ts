import { deepCopy } from './deepCopy.ts';
import { deepEqual, semanticEqual } from './deepEqual.ts';
import { canonicalJson, fnv32a, safeEncode, stableHash } from './stableHash.ts';

describe('deepEqual', () => {
  it('compares by value', () => {
    expect(deepEqual({ a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] })).toBe(true);
    expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(deepEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(deepEqual([1], { 0: 1 })).toBe(false);
    expect(deepEqual({ a: [] }, {})).toBe(false);
    expect(deepEqual(null, {})).toBe(false);
  });
  it.each(Object.getOwnPropertyNames(Object.prototype))('misses no key that every object inherits: %s', (key) => {
    for (const value of ['x', {}]) {
      const fields = Object.fromEntries([[key, value]]);
      expect([deepEqual({}, fields), deepEqual(fields, {}), deepEqual(fields, { ...fields })]).toEqual([false, false, true]);
    }
  });
  it('lets empty stand for absent where meaning counts', () => {
    expect(semanticEqual({ a: [], b: {} }, {})).toBe(true);
    expect(semanticEqual({}, { a: { b: undefined } })).toBe(true);
    expect(semanticEqual({ a: '' }, {})).toBe(false);
    expect(semanticEqual({ a: 0 }, {})).toBe(false);
  });
});

describe('deepCopy', () => {
  it('shares nothing', () => {
    const original = { a: [{ b: 1 }], c: null };
    const copy = deepCopy(original);
    expect(copy).toEqual(original);
    expect(copy.a[0]).not.toBe(original.a[0]);
  });
  it('keeps a property named __proto__ a property', () => {
    const copy = deepCopy(JSON.parse('{"__proto__":{"x":1}}') as object);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"x":1}}');
  });
});

describe('stableHash', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: 1, a: [2, { d: 1, c: undefined }] })).toBe('{"a":[2,{"d":1}],"b":1}');
    expect(stableHash({ a: 1, b: 2 })).toBe(stableHash({ b: 2, a: 1 }));
    expect(stableHash({ a: 1 })).not.toBe(stableHash({ a: 2 }));
    expect(stableHash({ a: 1 }, 1)).not.toBe(stableHash({ a: 1 }));
  });
  it('is FNV-1a in the safe alphabet', () => {
    expect(fnv32a('')).toBe(0x811c9dc5);
    expect(fnv32a('foobar')).toBe(0xbf9cf968);
    expect(safeEncode('0123456789')).toBe('456789bcdf'.split('').map((_, index) => 'bcdfghjklmnpqrstvwxz2456789'.charAt((48 + index) % 27)).join(''));
    expect(stableHash({ a: 1 })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });
});

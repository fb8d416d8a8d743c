import { ownField, setField } from './ownField.ts';

const INHERITED = Object.getOwnPropertyNames(Object.prototype);

it.each(INHERITED)('%s is a key as any other', (key) => {
  const fields: Record<string, string> = {};
  expect(ownField(fields, key)).toBeUndefined();
  setField(fields, key, 'a');
  expect(ownField(fields, key)).toBe('a');
  expect(JSON.parse(JSON.stringify({ ...fields }))).toEqual(JSON.parse(`{${JSON.stringify(key)}:"a"}`));
  expect(({} as Record<string, unknown>)['a']).toBeUndefined();
});

it('gives own functions, and nothing of what is no object', () => {
  const run = (): number => 1;
  expect(ownField({ toString: run }, 'toString')).toBe(run);
  expect(ownField(undefined, 'toString')).toBeUndefined();
  expect(ownField(null, '__proto__')).toBeUndefined();
});

import { isPercent, scaledValue } from './intOrString.ts';

describe('intOrString', () => {
  it('resolves a percentage, rounded as asked', () => {
    expect(scaledValue('25%', 10, true)).toBe(3);
    expect(scaledValue('25%', 10, false)).toBe(2);
    expect(scaledValue('100%', 7, false)).toBe(7);
  });
  it('leaves numbers alone and refuses other text', () => {
    expect(scaledValue(4, 10, true)).toBe(4);
    expect(scaledValue('4', 10, true)).toBeUndefined();
    expect(isPercent('-5%')).toBe(false);
  });
});

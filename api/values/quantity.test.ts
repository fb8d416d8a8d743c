import { addQuantities, canonicalQuantity, compareQuantities, formatQuantity, maxQuantity, milliValue, parseQuantity, QUANTITY_FORMAT_MESSAGE, quantityAsNumber, quantityFault, quantityOf, quantityValue, sameQuantity, subtractQuantities, tryParseQuantity } from './quantity.ts';

describe('quantity', () => {
  it.each([
    ['1000m', '1'], ['0.5', '500m'], ['1024Mi', '1Gi'], ['1.5Gi', '1536Mi'], ['100', '100'], ['1000', '1k'], ['1e3', '1e3'], ['12e6', '12e6'], ['1E', '1E'], ['0', '0'],
    ['0Mi', '0'], ['512Ki', '512Ki'], ['1000Ki', '1000Ki'], ['100Mi', '100Mi'], ['0.1Ki', '102400m'], ['1Ki', '1Ki'], ['1n', '1n'], ['0.1n', '1n'], ['-500m', '-500m'], 
    ['.5', '500m'], ['129e6', '129e6'], ['129M', '129M'], ['123Mi', '123Mi'], ['10000Ei', '9223372036854775807'], ['90515402660577098G', '90515402660577098G'],
    // What Kubernetes takes for canonical stays as it was sent.
    ['2.', '2.'], ['+5', '+5'], ['007', '007'], ['1E3', '1E3'], ['5e-0', '5e-0'], ['1025Ki', '1025Ki'], ['1024Ki', '1Mi'], ['+1000', '1k'], ['1.5k', '1500'], ['0.5Ki', '512'], ['1.5Gi', '1536Mi'], ['T', '0'], ['-', '0'], ['.', '0'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each([
    ['1K', "unable to parse quantity's suffix"], ['1mi', "unable to parse quantity's suffix"], ['5-3', "unable to parse quantity's suffix"], ['Ei', 'unable to parse numeric part of quantity'],
    ['', QUANTITY_FORMAT_MESSAGE], ['1gb', QUANTITY_FORMAT_MESSAGE], ['1e1.5', QUANTITY_FORMAT_MESSAGE], [' 1', QUANTITY_FORMAT_MESSAGE],
  ])('says what is wrong with %j', (text, message) => {
    expect(quantityFault(text)).toBe(message);
  });

  it.each(['', 'a', '1.2.3', '1 Gi', '1gi', '1mi', '1KI', '--1', '1e', 'Ei', 'e-12'])('refuses %j', (text) => {
    expect(tryParseQuantity(text)).toBeUndefined();
    expect(() => parseQuantity(text)).toThrow(RangeError);
  });

  it('takes JSON numbers', () => {
    expect(canonicalQuantity(2)).toBe('2');
    expect(canonicalQuantity(0.25)).toBe('250m');
  });

  it('gives whole units and thousandths, rounded up', () => {
    expect(quantityValue(parseQuantity('1100m'))).toBe(2);
    expect(milliValue(parseQuantity('1500u'))).toBe(2);
    expect(milliValue(parseQuantity('2'))).toBe(2000);
    expect(quantityValue(parseQuantity('1Gi'))).toBe(1073741824);
    expect(quantityAsNumber(parseQuantity('250m'))).toBe(0.25);
  });

  it('adds, subtracts and compares', () => {
    expect(formatQuantity(addQuantities(parseQuantity('512Mi'), parseQuantity('512Mi')))).toBe('1Gi');
    expect(formatQuantity(addQuantities(quantityOf(0), parseQuantity('64Mi')))).toBe('64Mi');
    expect(formatQuantity(subtractQuantities(parseQuantity('1'), parseQuantity('100m')))).toBe('900m');
    expect(compareQuantities(parseQuantity('1Gi'), parseQuantity('1G'))).toBe(1);
    expect(maxQuantity(parseQuantity('1'), parseQuantity('2')).nanos).toBe(parseQuantity('2').nanos);
    expect(sameQuantity('1', '1000m')).toBe(true);
    expect(sameQuantity('1', 'x')).toBe(false);
  });
});

import { matchesFields, parseFieldSelector, requiredValue } from './fieldSelector.ts';
import { EVERYTHING, NOTHING, formatLabelSelector, formatLabels, formatSelector, matchesLabels, selectorOf, selectorOfMap } from './labelSelector.ts';
import { SelectorError, parseLabelSelector } from './parseLabelSelector.ts';

const matches = (selector: string, labels: Record<string, string>): boolean => matchesLabels(parseLabelSelector(selector), labels);

describe('label selectors', () => {
  it.each([
    ['a=b', { a: 'b' }, true], ['a==b', { a: 'c' }, false], ['a!=b', {}, true], ['a!=b', { a: 'b' }, false], ['a', { a: '' }, true], ['!a', { a: '' }, false], ['!a', {}, true],
    ['a in (b,c)', { a: 'c' }, true], ['a in (b)', {}, false], ['a notin (b,c)', {}, true], ['a notin (b)', { a: 'b' }, false], ['a>5', { a: '6' }, true], ['a<5', { a: '6' }, false],
    ['a>5', { a: 'x' }, false], ['a=b,c', { a: 'b', c: '' }, true], ['a=b,c', { a: 'b' }, false], ['', {}, true], ['a=', { a: '' }, true], ['in=notin', { in: 'notin' }, true],
    [' a in ( b , c ) , d ', { a: 'b', d: '1' }, true], ['a in (,b)', { a: '' }, true], ['toString', {}, false],
  ])('%s on %j: %s', (selector, labels, expected) => {
    expect(matches(selector, labels as Record<string, string>)).toBe(expected);
  });

  it.each(['a=b=c', 'a,', ',a', 'a in', 'a in (b', '!a=b', 'a b', '(a)', 'a=b c', '-a', 'a=!', 'a>x', 'a/b/c=d'])('refuses %s', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(SelectorError);
  });

  it.each([
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['!x=a', "found '=', expected: ',' or 'end of string'"],
    ['!=a', "found '!=', expected: !, identifier, or 'end of string'"],
    ['!,a', "unable to parse requirement: found ',', expected: identifier"],
    ['x==a==b', "found '==', expected: ',' or 'end of string'"],
    ['x,', "found '', expected: identifier after ','"],
    ['x y', "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
    ['x in y', "unable to parse requirement: found 'y' expected: '('"],
    ['x in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ['x in (a b)', "unable to parse requirement: found 'b', expected: ',' or ')'"],
    ['x in (a,!)', "unable to parse requirement: found '!', expected: ',', or identifier"],
    ['x=!', "unable to parse requirement: found '!', expected: identifier"],
    ['x<a', "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer"],
    ['x>9223372036854775808', 'unable to parse requirement: values[0]: Invalid value: "9223372036854775808": for'],
    ['x>-', "unable to parse requirement: [values[0]: Invalid value: \"-\": for 'Gt', 'Lt' operators, the value must be an integer, values[0][x]: Invalid value: \"-\": a valid label must be"],
    ['x in (a,-)', 'unable to parse requirement: values[0][x]: Invalid value: "-": a valid label must be'],
    ['-a', 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'],
  ])('says of %s what Kubernetes says', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message);
  });

  it.each([
    ['x in (abc,),y', 'x in (,abc),y'], ['x in (a,,b,a)', 'x in (,a,b)'], ['x in (,)', 'x in ()'], ['\rx', 'x'], ['x= ,z= ', 'x=,z='], ['in in (in)', 'in in (in)'],
  ])('reads %j as %s', (selector, shown) => {
    expect(formatSelector(parseLabelSelector(selector))).toBe(shown);
  });

  it('is made from objects', () => {
    expect(selectorOf(undefined)).toBe(NOTHING);
    expect(matchesLabels(selectorOf({}), { a: 'b' })).toBe(true);
    expect(matchesLabels(NOTHING, {})).toBe(false);
    expect(matchesLabels(EVERYTHING, undefined)).toBe(true);
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }, { key: 'x', operator: 'Exists' }] };
    expect(matchesLabels(selectorOf(selector), { app: 'web', x: '' })).toBe(true);
    expect(matchesLabels(selectorOf(selector), { app: 'web', tier: 'db', x: '' })).toBe(false);
    expect(formatLabelSelector(selector)).toBe('app=web,tier notin (db),x');
    expect(formatSelector(selectorOfMap({ b: '1', a: '2' }))).toBe('a=2,b=1');
    expect(formatLabelSelector({})).toBe('<none>');
    expect(formatLabels({ b: '1', a: '2' })).toBe('a=2,b=1');
    expect(formatLabels(undefined)).toBe('<none>');
  });
});

describe('field selectors', () => {
  it('reads terms and escapes', () => {
    expect(parseFieldSelector('a.b=c,d!=e,f==g')).toEqual([
      { field: 'a.b', equal: true, value: 'c' },
      { field: 'd', equal: false, value: 'e' },
      { field: 'f', equal: true, value: 'g' },
    ]);
    expect(parseFieldSelector('a=x\\,y\\=z\\\\')).toEqual([{ field: 'a', equal: true, value: 'x,y=z\\' }]);
    expect(parseFieldSelector('')).toEqual([]);
    expect(parseFieldSelector('a\\=b,c!d=e,함=수')).toEqual([{ field: 'a\\', equal: true, value: 'b' }, { field: 'c!d', equal: true, value: 'e' }, { field: '함', equal: true, value: '수' }]);
    expect(() => parseFieldSelector('a=b,abc')).toThrow("invalid selector: 'a=b,abc'; can't understand 'abc'");
    expect(() => parseFieldSelector('a=b\\n')).toThrow('invalid field selector: invalid escape sequence: \\n');
    expect(() => parseFieldSelector('a=b\\')).toThrow('invalid field selector: invalid escape sequence: \\');
    expect(() => parseFieldSelector('x=a||y=b')).toThrow('invalid field selector: unescaped character in value: 61');
  });
  it('matches', () => {
    expect(matchesFields(parseFieldSelector('status.phase!=Running'), { 'status.phase': 'Pending' })).toBe(true);
    expect(matchesFields(parseFieldSelector('spec.nodeName='), { 'spec.nodeName': '' })).toBe(true);
    expect(requiredValue(parseFieldSelector('metadata.name=x'), 'metadata.name')).toBe('x');
  });
});

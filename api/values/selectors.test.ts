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
    expect(() => parseFieldSelector('abc')).toThrow(SelectorError);
    expect(() => parseFieldSelector('a=b\\n')).toThrow(SelectorError);
  });
  it('matches', () => {
    expect(matchesFields(parseFieldSelector('status.phase!=Running'), { 'status.phase': 'Pending' })).toBe(true);
    expect(matchesFields(parseFieldSelector('spec.nodeName='), { 'spec.nodeName': '' })).toBe(true);
    expect(requiredValue(parseFieldSelector('metadata.name=x'), 'metadata.name')).toBe('x');
  });
});

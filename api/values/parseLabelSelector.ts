import { validateLabelValue, validateQualifiedName } from '../validation/names.ts';
import type { LabelOperator, LabelRequirement, LabelSelector } from './labelSelector.ts';

/** A selector that cannot be read; the message is Kubernetes' own, for a 400. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

type TokenKind = 'identifier' | 'in' | 'notin' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const TOKEN = /\s*(==|!=|[()!=<>,]|[^\s()!=<>,]+)/gy;
const END: Token = { kind: 'end', text: '' };

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const word = match[1] ?? '';
    const isSymbol = /^[()!=<>,]/.test(word) || word === 'in' || word === 'notin';
    tokens.push({ kind: isSymbol ? (word as TokenKind) : 'identifier', text: word });
  }
  return tokens;
}

/**
 * Reads the `labelSelector` of a query: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, joined by commas. Empty selects everything.
 * @throws SelectorError
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokenize(text);
  const requirements: LabelRequirement[] = [];
  let position = 0;
  // `in` and `notin` are words like any other where a key or a value is expected.
  const peek = (asValue = false): Token => {
    const token = tokens[position] ?? END;
    return asValue && (token.kind === 'in' || token.kind === 'notin') ? { kind: 'identifier', text: token.text } : token;
  };
  const next = (asValue = false): Token => {
    const token = peek(asValue);
    position++;
    return token;
  };

  const values = (): string[] => {
    const open = next();
    if (open.kind !== '(') throw new SelectorError(`unable to parse requirement: found '${open.text}' expected: '('`);
    const found: string[] = [];
    if (peek().kind === ')') {
      position++;
      return [''];
    }
    for (;;) {
      const token = next(true);
      if (token.kind === ',' || token.kind === ')') found.push('');
      else if (token.kind !== 'identifier') throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: ',', ')' or identifier`);
      else found.push(token.text);
      const separator = token.kind === 'identifier' ? next() : token;
      if (separator.kind === ')') return found;
      if (separator.kind !== ',') throw new SelectorError(`unable to parse requirement: found '${separator.text}', expected: ',' or ')'`);
    }
  };

  const requirement = (): LabelRequirement => {
    const negated = peek().kind === '!';
    if (negated) position++;
    const key = next(true);
    if (key.kind !== 'identifier') throw new SelectorError(`unable to parse requirement: found '${key.text}', expected: identifier`);
    checkKey(key.text);
    const follows = peek().kind;
    if (follows === 'end' || follows === ',') return { key: key.text, operator: negated ? '!' : 'exists', values: [] };
    if (negated) throw new SelectorError(`unable to parse requirement: found '${peek().text}', expected: ',' or 'end of string'`);
    const token = next();
    const operator = OPERATORS[token.kind];
    if (!operator) throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    if (operator === 'in' || operator === 'notin') return checked({ key: key.text, operator, values: values().toSorted() });
    const ends = peek(true).kind;
    if (ends === 'end' || ends === ',') return checked({ key: key.text, operator, values: [''] });
    const value = next(true);
    if (value.kind !== 'identifier') throw new SelectorError(`unable to parse requirement: found '${value.text}', expected: identifier`);
    return checked({ key: key.text, operator, values: [value.text] });
  };

  while (peek().kind !== 'end') {
    requirements.push(requirement());
    const separator = next();
    if (separator.kind === 'end') break;
    if (separator.kind !== ',') throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
    const after = peek(true);
    if (after.kind !== 'identifier' && after.kind !== '!') throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
  }
  return { requirements };
}

const OPERATORS: Partial<Record<TokenKind, LabelOperator>> = { in: 'in', notin: 'notin', '=': '=', '==': '=', '!=': '!=', '>': 'gt', '<': 'lt' };

function checkKey(key: string): void {
  const [message] = validateQualifiedName(key);
  if (message !== undefined) throw new SelectorError(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${validateQualifiedName(key).join('; ')}`);
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const isNumeric = requirement.operator === 'gt' || requirement.operator === 'lt';
  for (const [index, value] of requirement.values.entries()) {
    if (isNumeric && !/^[+-]?\d+$/.test(value)) {
      throw new SelectorError(`unable to parse requirement: values[0][${requirement.key}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    }
    const messages = validateLabelValue(value);
    if (messages.length > 0) {
      throw new SelectorError(`unable to parse requirement: values[${index}][${requirement.key}]: Invalid value: ${JSON.stringify(value)}: ${messages.join('; ')}`);
    }
  }
  return requirement;
}

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
  return { requirements: new LabelParser(tokenize(text)).selector() };
}

const OPERATORS: Partial<Record<TokenKind, LabelOperator>> = { in: 'in', notin: 'notin', '=': '=', '==': '=', '!=': '!=', '>': 'gt', '<': 'lt' };

/** Goes through the tokens as upstream's `labels.Parser` does, whose steps are here by their own names. */
class LabelParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  selector(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const first = this.#peek();
      if (first.kind === 'end') return requirements;
      if (first.kind !== 'identifier' && first.kind !== '!') throw new SelectorError(`found '${first.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.kind === 'end') return requirements;
      if (separator.kind !== ',') throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.kind !== 'identifier' && after.kind !== '!') throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
    }
  }

  /** `in` and `notin` are words like any other where no operator is expected. */
  #peek(isOperator = false): Token {
    const token = this.#tokens[this.#position] ?? END;
    return !isOperator && (token.kind === 'in' || token.kind === 'notin') ? { kind: 'identifier', text: token.text } : token;
  }

  #next(isOperator = false): Token {
    const token = this.#peek(isOperator);
    this.#position += 1;
    return token;
  }

  #requirement(): LabelRequirement {
    const isNegated = this.#peek().kind === '!';
    if (isNegated) this.#position += 1;
    const { kind, text: key } = this.#next();
    if (kind !== 'identifier') throw unreadable(`found '${this.#tokens[this.#position - 1]?.text ?? ''}', expected: identifier`);
    const faults = validateQualifiedName(key);
    if (faults.length > 0) throw unreadable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${faults.join('; ')}`);
    if (isNegated) return { key, operator: '!', values: [] };
    const follows = this.#peek().kind;
    if (follows === 'end' || follows === ',') return { key, operator: 'exists', values: [] };
    const token = this.#next(true);
    const operator = OPERATORS[token.kind];
    if (!operator) throw unreadable(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? [...new Set(this.#values())].sort() : [this.#exactValue()];
    return checked({ key, operator, values });
  }

  #exactValue(): string {
    const follows = this.#peek().kind;
    if (follows === 'end' || follows === ',') return '';
    const token = this.#next();
    if (token.kind !== 'identifier') throw unreadable(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #values(): string[] {
    const open = this.#next();
    if (open.kind !== '(') throw unreadable(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind === ')') {
      this.#position += 1;
      return [''];
    }
    if (first.kind !== 'identifier' && first.kind !== ',') throw unreadable(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = this.#identifiers();
    if (this.#next().kind !== ')') throw unreadable(`found '${first.text}', expected: ')'`);
    return values;
  }

  #identifiers(): string[] {
    const values: string[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === 'identifier') {
        values.push(token.text);
        const follows = this.#peek();
        if (follows.kind === ')') return values;
        if (follows.kind !== ',') throw unreadable(`found '${follows.text}', expected: ',' or ')'`);
      } else if (token.kind === ',') {
        if (values.length === 0) values.push('');
        const follows = this.#peek().kind;
        if (follows === ')') return [...values, ''];
        if (follows !== ',') continue;
        this.#position += 1;
        values.push('');
      } else {
        throw unreadable(`found '${token.text}', expected: ',', or identifier`);
      }
    }
  }
}

const unreadable = (why: string): SelectorError => new SelectorError(`unable to parse requirement: ${why}`);

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const isNumeric = operator === 'gt' || operator === 'lt';
  const faults: string[] = [];
  for (const [index, value] of values.entries()) {
    if (isNumeric && !isInteger(value)) faults.push(`values[${index}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    const messages = validateLabelValue(value);
    if (messages.length > 0) faults.push(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${messages.join('; ')}`);
  }
  if (faults.length > 0) throw unreadable(faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`);
  return requirement;
}

const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''));

import { RUNTIME_BUDGET, type Bindings } from '../../../api/cel/types.ts';
import { typeNameOf } from '../../../api/cel/values/typeNameOf.ts';
import { evaluateConditions } from './conditions.ts';
import { Expressions, OutOfBudgetError, type ExpressionResult } from './expressions.ts';
import type { Validation, ValidatingPolicy } from './validatingPolicy.ts';

/** A rule that a request does not keep, or that could not be evaluated. */
export interface Violation {
  /** The rule's place among the policy's. */
  readonly index: number;
  readonly message: string;
  readonly reason: string;
}

/** What a policy says of a request. */
export interface Verdict {
  readonly violations: readonly Violation[];
  /** For the audit event, by key. */
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Of annotations that could not be made: they refuse the request, whatever a binding says of violations. */
  readonly faults: readonly string[];
  /** Why rules, or the whole policy, could not be evaluated, where that is to be ignored; absent: nothing was. */
  readonly ignored?: readonly string[];
}

const NOTHING: Verdict = { violations: [], annotations: [], faults: [] };
const MAX_MESSAGE_BYTES = 5 * 1024;

/** Evaluates a policy for one request and one set of parameters (upstream's `validator.Validate`). Yields after every few milliseconds of work. */
export function* evaluateValidations(policy: ValidatingPolicy, bindings: Bindings): Generator<void, Verdict> {
  const failed = (message: string): Verdict => (policy.ignoresFailure ? { ...NOTHING, ignored: [message] } : { ...NOTHING, violations: [{ index: 0, message, reason: 'Invalid' }] });
  // Conditions know no namespace.
  const conditions = yield* evaluateConditions(policy.conditions, { ...bindings, namespaceObject: null });
  if (conditions.error !== undefined) return failed(conditions.error);
  if (!conditions.matches) return NOTHING;
  try {
    return { ...(yield* violationsOf(policy, bindings)), ...(yield* annotationsOf(policy, bindings)) };
  } catch (error) {
    if (error instanceof OutOfBudgetError) return failed(error.message);
    throw error;
  }
}

function* violationsOf(policy: ValidatingPolicy, bindings: Bindings): Generator<void, Pick<Verdict, 'violations' | 'ignored'>> {
  const budget = { remaining: RUNTIME_BUDGET };
  const expressions = new Expressions(policy.variables, bindings, budget);
  const results: ExpressionResult[] = [];
  for (const { program } of policy.validations) results.push(yield* expressions.evaluate(program));
  // Messages are made of what the rules have left over.
  const messages = new Expressions(policy.variables, bindings, budget);
  const violations: Violation[] = [];
  const ignored: string[] = [];
  for (const [index, validation] of policy.validations.entries()) {
    const result = results[index]!;
    if (result.ok && result.value === true) continue;
    const { message, reason } = result.ok ? yield* violated(validation, messages) : { message: result.message, reason: undefined };
    if (reason !== undefined || !policy.ignoresFailure) violations.push({ index, message, reason: reason ?? 'Invalid' });
    else ignored.push(message);
  }
  return { violations, ...(ignored.length > 0 ? { ignored } : {}) };
}

/** Without a reason where there was nothing left to make a message of. */
function* violated({ messageProgram, message, expression, reason }: Validation, messages: Expressions): Generator<void, { readonly message: string; readonly reason: string | undefined }> {
  try {
    const made = messageProgram && (yield* evaluateMessage(messages, messageProgram));
    return { message: made || message || `failed expression: ${expression.trim()}`, reason };
  } catch (error) {
    if (error instanceof OutOfBudgetError) return { message: `failed messageExpression: ${error.message}`, reason: undefined };
    throw error;
  }
}

/** What cannot be shown (too long, several lines, no text) counts as none. */
function* evaluateMessage(messages: Expressions, program: NonNullable<Validation['messageProgram']>): Generator<void, string> {
  const result = yield* messages.evaluate(program);
  if (!result.ok || typeof result.value !== 'string') return '';
  const text = result.value.trim();
  return text.includes('\n') || Buffer.byteLength(text) > MAX_MESSAGE_BYTES ? '' : text;
}

function* annotationsOf(policy: ValidatingPolicy, bindings: Bindings): Generator<void, Pick<Verdict, 'annotations' | 'faults'>> {
  const expressions = new Expressions(policy.variables, bindings, { remaining: RUNTIME_BUDGET });
  const annotations: { readonly key: string; readonly value: string }[] = [];
  const faults: string[] = [];
  for (const { key, expression, program } of policy.annotations) {
    const value = annotationValue(expression, yield* expressions.evaluate(program));
    if ('fault' in value) {
      if (value.isWrongType || !policy.ignoresFailure) faults.push(value.fault);
    } else if (value.text !== '') annotations.push({ key, value: value.text });
  }
  return { annotations, faults };
}

function annotationValue(expression: string, result: ExpressionResult): { readonly text: string } | { readonly fault: string; readonly isWrongType: boolean } {
  if (!result.ok) return { fault: result.message, isWrongType: false };
  if (typeof result.value === 'string') return { text: result.value.trim() };
  if (result.value === null) return { text: '' };
  return { fault: `valueExpression '${expression}' resulted in unsupported return type: ${typeNameOf(result.value)}. Return type must be either string or null.`, isWrongType: true };
}

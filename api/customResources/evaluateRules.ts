import { fromJson } from '../cel/fromJson.ts';
import { RUNTIME_BUDGET } from '../cel/types.ts';
import type { Bindings, Budget, CelType, Outcome, Program } from '../cel/types.ts';
import { NONE, Optional } from '../cel/values/scalars.ts';
import { duplicate, forbidden, invalid, OMITTED, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import type { V1ValidationRule } from '../generated/types.ts';
import { formerItems, isUnchanged } from './correlation.ts';
import { fieldAt } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { followPath } from './ruleFieldPath.ts';
import type { RuleProgram } from './ruleProgram.ts';
import type { RuleTree } from './ruleTree.ts';

/** What the rules of a custom resource say of an object. */
export interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** Faults of what an update leaves as it was: they do not stand in its way. */
  readonly ratcheted: readonly FieldError[];
  /** What running them has cost. */
  readonly cost: number;
  /** Whether there was no more to be spent, so that no further rules are to be run. */
  readonly isSpent: boolean;
}

const LONGEST_MESSAGE = 5 * 1024;
/** Units of cost after which others get their turn: some milliseconds of work. */
const TURN = 20_000;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** Thrown within this file when no more rules are to be run. */
class Spent {
  readonly message = 'no further validation rules are run';
}

/** A value as it was, and whether it is known to be the same. */
interface Before {
  /** Undefined where it was not there, or cannot be told which it was. */
  readonly value: unknown;
  /** Whether the value, or the nearest part around it that could be compared, did not change. */
  readonly unchanged: () => boolean;
}

const NEW: Before = { value: undefined, unchanged: () => false };

/**
 * Runs the rules of a version's schema on an object, and on its former state where there is one (upstream's `Validator.Validate`). A generator: it yields after every
 * few milliseconds of work, so that nobody has to wait for all of the rules.
 */
export function* evaluateRules(tree: RuleTree, object: unknown, previous?: unknown, limit = RUNTIME_BUDGET): Generator<void, RuleFindings> {
  const evaluation = new Evaluation(limit);
  const before: Before = previous === undefined ? NEW : compared(object, previous, tree.schema);
  let isSpent = false;
  try {
    yield* evaluation.visit(tree, object, before, '');
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
    isSpent = true;
  }
  return { errors: evaluation.errors, ratcheted: evaluation.ratcheted, cost: evaluation.cost, isSpent };
}

/** Whether it is the same is found out when somebody asks, and then remembered. */
function compared(value: unknown, previous: unknown, schema: JsonSchema): Before {
  let same: boolean | undefined;
  return { value: previous, unchanged: () => (same ??= isUnchanged(value, previous, schema)) };
}

class Evaluation {
  readonly errors: FieldError[] = [];
  readonly ratcheted: FieldError[] = [];
  readonly #limit: number;
  readonly #budget: Budget;
  #turnEnds: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#budget = { remaining: limit };
    this.#turnEnds = limit - TURN;
  }

  get cost(): number {
    return this.#limit - this.#budget.remaining;
  }

  *visit(tree: RuleTree, value: unknown, before: Before, path: string): Generator<void, void> {
    if (value === null || value === undefined) return;
    if (tree.type) for (const rule of tree.rules) yield* this.#apply(rule, tree.schema, tree.type, value, before, path);
    if (Array.isArray(value)) {
      if (tree.items) yield* this.#visitItems(tree.items, tree.schema, value, before, path);
      return;
    }
    if (!isRecord(value)) return;
    const old = isRecord(before.value) ? before.value : undefined;
    for (const name of Object.keys(value)) {
      const property = tree.properties?.get(name);
      const inner = property ?? (Object.hasOwn(tree.schema.properties ?? {}, name) ? undefined : tree.values);
      if (!inner) continue;
      const former = old && Object.hasOwn(old, name) ? old[name] : undefined;
      const at = property ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
      // Type and version of the whole are made the same before they are compared.
      const isType = path === '' && (name === 'apiVersion' || name === 'kind');
      const known = former === undefined ? { value: undefined, unchanged: before.unchanged } : compared(value[name], former, inner.schema);
      yield* this.visit(inner, value[name], isType ? { value: former, unchanged: () => false } : known, at);
    }
  }

  *#visitItems(items: RuleTree, schema: JsonSchema, list: readonly unknown[], before: Before, path: string): Generator<void, void> {
    const former = formerItems(before.value, schema);
    for (const [index, item] of list.entries()) {
      const old = former?.(item);
      const at = `${path}[${index}]`;
      yield* this.visit(items, item, old === undefined ? { value: undefined, unchanged: before.unchanged } : compared(item, old, items.schema), at);
    }
  }

  *#apply({ rule, program, fault, message, usesOldSelf }: RuleProgram, schema: JsonSchema, type: CelType, value: unknown, before: Before, path: string): Generator<void, void> {
    const field = fieldAt(path);
    const shown = schema.type ?? '';
    if (this.#budget.remaining <= 0) this.#stop(invalid(field, shown, OUT_OF_BUDGET));
    if (fault !== undefined) this.errors.push(invalid(field, shown, `rule compile error: ${fault}`));
    if (!program) return;
    const isOptional = rule.optionalOldSelf === true;
    if (usesOldSelf && before.value === undefined && !isOptional) return;
    const bindings = bindingsOf(type, value, before.value, isOptional);
    const outcome = yield* this.#run(program, bindings, field, shown, OUT_OF_BUDGET);
    if (this.#budget.remaining < this.#turnEnds) {
      this.#turnEnds = this.#budget.remaining - TURN;
      yield;
    }
    if (!outcome.ok) {
      if (outcome.kind === 'exhausted') this.#stop(invalid(field, shown, `'${outcome.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${textOf(rule)}`));
      const detail = outcome.message.startsWith('no such overload')
        ? `'${outcome.message}': call arguments did not match a supported operator, function or macro signature for rule: ${textOf(rule)}`
        : `${outcome.message} evaluating rule: ${textOf(rule)}`;
      this.errors.push(invalid(field, shown, detail));
      return;
    }
    if (outcome.value === true) return;
    const followed = rule.fieldPath ? followPath(rule.fieldPath, schema) : undefined;
    const at = fieldAt(`${path}${followed && 'shown' in followed ? followed.shown : ''}`);
    const add = (error: FieldError): void => void (!usesOldSelf && before.unchanged() ? this.ratcheted : this.errors).push(error);
    const detail = message ? yield* this.#message(message, rule, bindings, add, at, shown) : undefined;
    // Objects and lists are too long to be repeated.
    const isLong = schema.type === 'object' || schema.type === 'array';
    add(faultOf(rule, at, isLong ? OMITTED : value, detail ?? defaultMessage(rule)));
  }

  *#run(program: Program, bindings: Bindings, field: string, shown: string, outOfBudget: string): Generator<void, Outcome> {
    const left = this.#budget.remaining;
    const outcome = yield* program.evaluation(bindings, this.#budget);
    if (outcome.cost > left) this.#stop(invalid(field, shown, outOfBudget));
    return outcome;
  }

  #stop(error: FieldError): never {
    this.errors.push(error);
    throw new Spent();
  }

  /** What the message's own expression gives; undefined where it gives nothing that can be shown. */
  *#message(program: Program, { messageExpression = '' }: V1ValidationRule, bindings: Bindings, add: (error: FieldError) => void, field: string, shown: string): Generator<void, string | undefined> {
    const left = this.#budget.remaining;
    const outcome = yield* program.evaluation(bindings, this.#budget);
    const giveUp = (detail: string): never => {
      add(invalid(field, shown, detail));
      throw new Spent();
    };
    if (outcome.cost > left) giveUp('messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run');
    if (!outcome.ok) return outcome.kind === 'exhausted' ? giveUp(`no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(messageExpression)}`) : undefined;
    const text = typeof outcome.value === 'string' ? outcome.value.trim() : '';
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > LONGEST_MESSAGE ? undefined : text;
  }
}

function bindingsOf(type: CelType, value: unknown, old: unknown, isOptional: boolean): Bindings {
  const former = (): ReturnType<typeof fromJson> => fromJson(old, type);
  return {
    self: () => fromJson(value, type),
    ...(isOptional ? { oldSelf: () => (old === undefined || old === null ? NONE : new Optional(former())) } : old === undefined ? {} : { oldSelf: former }),
  };
}

/** What stands for a rule in messages. */
const textOf = ({ message, rule }: V1ValidationRule): string => (message ? message.trim() : rule.trim());
const defaultMessage = (rule: V1ValidationRule): string => (rule.message ? rule.message.trim() : `failed rule: ${textOf(rule)}`);

function faultOf({ reason }: V1ValidationRule, field: string, value: unknown, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
    default:
      return invalid(field, value, detail);
  }
}

import { fromJson } from '../cel/fromJson.ts';
import { RUNTIME_BUDGET } from '../cel/types.ts';
import type { Bindings, Budget, CelType, Outcome, Program } from '../cel/types.ts';
import { NONE, Optional } from '../cel/values/scalars.ts';
import { duplicate, forbidden, invalid, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import type { V1ValidationRule } from '../generated/types.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { fieldAt, isRecord, mapKeyOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { fieldPathOf } from './ruleFieldPath.ts';
import type { RuleProgram } from './ruleProgram.ts';
import type { RuleTree } from './ruleTree.ts';

/** What the rules of a custom resource say of an object. */
export interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** Faults of what an update leaves as it was: they do not stand in its way. */
  readonly ratcheted: readonly FieldError[];
}

const LONGEST_MESSAGE = 5 * 1024;
/** Units of cost after which others get their turn: some milliseconds of work. */
const TURN = 100_000;
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
  const before: Before = previous === undefined ? NEW : compared(object, previous);
  try {
    yield* evaluation.visit(tree, object, before, '');
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
  }
  return { errors: evaluation.errors, ratcheted: evaluation.ratcheted };
}

/** Whether it is the same is found out when somebody asks, and then remembered. */
function compared(value: unknown, previous: unknown): Before {
  let same: boolean | undefined;
  return { value: previous, unchanged: () => (same ??= deepEqual(value, previous)) };
}

class Evaluation {
  readonly errors: FieldError[] = [];
  readonly ratcheted: FieldError[] = [];
  readonly #budget: Budget;
  #turnEnds: number;

  constructor(limit: number) {
    this.#budget = { remaining: limit };
    this.#turnEnds = limit - TURN;
  }

  *visit(tree: RuleTree, value: unknown, before: Before, path: string): Generator<void, void> {
    if (value === null || value === undefined) return;
    if (tree.type) for (const rule of tree.rules) yield* this.#apply(rule, tree.schema, tree.type, value, before, path);
    if (Array.isArray(value)) {
      if (tree.items) yield* this.#visitItems(tree.items, tree.schema, value, before, path);
      return;
    }
    if (!isRecord(value)) return;
    const canCompare = tree.schema['x-kubernetes-map-type'] !== 'atomic';
    const old = isRecord(before.value) ? before.value : undefined;
    for (const name of Object.keys(value)) {
      const property = tree.properties?.get(name);
      const inner = property ?? (Object.hasOwn(tree.schema.properties ?? {}, name) ? undefined : tree.values);
      if (!inner) continue;
      const former = canCompare && old && Object.hasOwn(old, name) ? old[name] : undefined;
      const at = property ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
      // Type and version of the whole are made the same before they are compared.
      const isType = path === '' && (name === 'apiVersion' || name === 'kind');
      const known = former === undefined ? { value: undefined, unchanged: before.unchanged } : compared(value[name], former);
      yield* this.visit(inner, value[name], isType ? { value: former, unchanged: () => false } : known, at);
    }
  }

  *#visitItems(items: RuleTree, schema: JsonSchema, list: readonly unknown[], before: Before, path: string): Generator<void, void> {
    const former = Array.isArray(before.value) && schema['x-kubernetes-list-type'] === 'map' ? new Map(before.value.map((item: unknown) => [JSON.stringify(mapKeyOf(schema, item)), item])) : undefined;
    for (const [index, item] of list.entries()) {
      const old = former?.get(JSON.stringify(mapKeyOf(schema, item)));
      const at = `${path}[${index}]`;
      yield* this.visit(items, item, old === undefined ? { value: undefined, unchanged: before.unchanged } : compared(item, old), at);
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
    const outcome = this.#run(program, bindings, field, shown, OUT_OF_BUDGET);
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
    const at = fieldAt(`${path}${fieldPathOf(rule.fieldPath ?? '')}`);
    const add = (error: FieldError): void => void (!usesOldSelf && before.unchanged() ? this.ratcheted : this.errors).push(error);
    const detail = message ? this.#message(message, rule, bindings, add, at, shown) : undefined;
    add(faultOf(rule, at, shown, detail ?? defaultMessage(rule)));
  }

  #run(program: Program, bindings: Bindings, field: string, shown: string, outOfBudget: string): Outcome {
    const left = this.#budget.remaining;
    const outcome = program.evaluate(bindings, this.#budget);
    if (outcome.cost > left) this.#stop(invalid(field, shown, outOfBudget));
    return outcome;
  }

  #stop(error: FieldError): never {
    this.errors.push(error);
    throw new Spent();
  }

  /** What the message's own expression gives; undefined where it gives nothing that can be shown. */
  #message(program: Program, { messageExpression = '' }: V1ValidationRule, bindings: Bindings, add: (error: FieldError) => void, field: string, shown: string): string | undefined {
    const left = this.#budget.remaining;
    const outcome = program.evaluate(bindings, this.#budget);
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

function faultOf({ reason }: V1ValidationRule, field: string, shown: string, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, shown);
    default:
      return invalid(field, shown, detail);
  }
}

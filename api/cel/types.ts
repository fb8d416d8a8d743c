import type { CelValue } from './values/value.ts';

/**
 * The type of an expression or of a variable, as the checker knows it. `dyn` switches checking off until run time.
 * Build them with `celType.ts`, `schemaType.ts` (structural schemas) and `modelType.ts` (built-in kinds).
 */
export type CelType =
  | { readonly kind: PrimitiveKind; /** Of `dyn`: it goes by the name of `any`, and is nothing to loop over. */ readonly isAny?: boolean; /** Most characters or bytes that a value can have, where the schema bounds it; for estimates. */ readonly maxElements?: number; readonly minSerializedSize?: number }
  | { readonly kind: 'list'; readonly element: CelType; /** Which of the elements' fields tell them apart where their order does not count (`[]`: the elements themselves, of a set). */ readonly keys?: readonly string[]; readonly maxElements?: number; readonly minSerializedSize?: number }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly maxElements?: number; readonly minSerializedSize?: number }
  | ObjectType
  /** A type of a library, e.g. `kubernetes.Quantity` or `optional_type` with one parameter. */
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly CelType[]; readonly maxElements?: number; readonly minSerializedSize?: number }
  /** The type of a type. */
  | { readonly kind: 'type'; readonly of?: CelType; readonly maxElements?: number; readonly minSerializedSize?: number }
  /** A type parameter of a function's declaration; never of a value. */
  | { readonly kind: 'parameter'; readonly name: string; readonly maxElements?: number; readonly minSerializedSize?: number };

export type PrimitiveKind = 'dyn' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'null' | 'timestamp' | 'duration' | 'error';

/** A structure with fields of its own; two of them are the same type when they have the same name. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** By the name by which expressions call them (escaped, see `escape.ts`). A function, so that types may refer to themselves. */
  field(name: string): ObjectField | undefined;
  readonly maxElements?: number;
  readonly minSerializedSize?: number;
}

export interface ObjectField {
  readonly type: CelType;
  /** The field's name in the JSON object. */
  readonly jsonName: string;
}

/** What an expression may refer to. */
export interface Environment {
  /** Variables by name: `self`, `object`, `oldObject`, `request`, `params`, `authorizer`, `variables`, `claims`, `user` and so on. */
  readonly variables: Readonly<Record<string, CelType>>;
  /** Types of objects that an expression may make: `Object{spec: Object.spec{…}}`. None when absent. */
  readonly constructs?: (name: string) => ObjectType | undefined;
  /** `cel.bind` is there, as for devices' selectors alone. */
  readonly bindings?: boolean;
}

export interface CompileOptions {
  /** What the expression must give (e.g. `bool`), else it is refused with `expected`; any type when absent. */
  readonly resultTypes?: readonly CelType[];
}

export type Compiled = { readonly ok: true; readonly program: Program } | { readonly ok: false; /** As cel-go prints them: `ERROR: <input>:1:5: …`, the line and a caret, issue by issue; or why a constant of it has no value. */ readonly message: string; /** The message with what went wrong before it, as Kubernetes' errors tell it. */ readonly fault: string };

/** The least and the most that an expression can cost, in cel-go's units; 2^64 is "more than can be counted". */
export interface CostEstimate {
  readonly min: number;
  readonly max: number;
}

/** An expression that was parsed, checked and made ready to run. It holds no state, and may run any number of times. */
export interface Program {
  readonly text: string;
  readonly resultType: CelType;
  /** Variables of the environment that the expression refers to. */
  readonly references: ReadonlySet<string>;
  readonly estimate: CostEstimate;
  /** Without loops it takes no longer than its text and its values are long. */
  readonly hasLoops: boolean;
  /** Runs it. Takes what it cost from the budget. What goes wrong is an outcome; it throws only what a variable's own function throws. */
  evaluate(bindings: Bindings, budget: Budget): Outcome;
  /** As `evaluate`, and yields after every few milliseconds of work, so that others can have their turn. */
  evaluation(bindings: Bindings, budget: Budget): Generator<void, Outcome>;
}

/**
 * Variables by name. A value is anything that `bind` or `fromJson` (`fromJson.ts`) gave, a scalar, or a function that makes one when it is first asked for. A variable
 * that is absent gives the error `no such attribute(s): x`.
 */
export type Bindings = Readonly<Record<string, CelValue | (() => CelValue) | undefined>>;

/** What may still be spent. One evaluation never takes more than `perCall` (1,000,000 in Kubernetes, about a tenth of a second at worst). */
export interface Budget {
  /** Units left; `evaluate` lowers it, and it may end below 0. */
  remaining: number;
  /** The most that one call may cost; `PER_CALL_LIMIT` unless told. */
  readonly perCall?: number;
}

export type Outcome =
  | { readonly ok: true; readonly value: CelValue; readonly cost: number }
  /** `failed`: the expression has no value (`no such key: x`). `exhausted`: it cost more than one call may: `operation cancelled: actual cost limit exceeded`. */
  | { readonly ok: false; readonly kind: 'failed' | 'exhausted'; readonly message: string; readonly cost: number };

/** `apiserver/pkg/apis/cel`: limits of one evaluation, of one object's validation, and of what admission's match conditions may cost together. */
export const PER_CALL_LIMIT = 1_000_000;
export const RUNTIME_BUDGET = 10_000_000;
export const MATCH_CONDITIONS_BUDGET = 2_500_000;
/** Most characters of one expression that are looked at. */
export const MAX_EXPRESSION_LENGTH = 100_000;

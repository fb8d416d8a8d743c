/** What an expression gave; `error` where it has no value. */
export type Evaluated = { readonly value: unknown } | { readonly error: string };

/** An expression that has been compiled. */
export interface ClaimExpression {
  readonly text: string;
  /** The fields of `claims` or `user` that it names, e.g. `email`; for the rule about verified addresses. */
  uses(field: string): boolean;
  /** Runs it on the claims, or on the user: plain data, from which plain data comes. Yields when others are to have their turn. */
  evaluation(about: Readonly<Record<string, unknown>>): Generator<void, Evaluated>;
}

/** Makes expressions: CEL, in Kubernetes. */
export interface ClaimLanguage {
  /** About the claims of a token (`claims`), or about who it says that its bearer is (`user`). `boolean`: it must be a condition. */
  compile(text: string, variable: 'claims' | 'user', boolean: boolean): { readonly expression: ClaimExpression } | { readonly fault: string };
}

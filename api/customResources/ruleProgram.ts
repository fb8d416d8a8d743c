import { BOOL, optionalOf, STRING } from '../cel/celType.ts';
import { compile } from '../cel/compile.ts';
import type { CelType, Program } from '../cel/types.ts';
import type { V1ValidationRule } from '../generated/types.ts';

/** One rule of `x-kubernetes-validations`, compiled; or what is wrong with it. */
export interface RuleProgram {
  readonly rule: V1ValidationRule;
  readonly program?: Program;
  readonly fault?: string;
  readonly message?: Program;
  readonly messageFault?: string;
  /** Such a rule is about a change, and runs only where there is an old value, unless it is optional. */
  readonly usesOldSelf: boolean;
}

/** Compiles a rule on a value of a type, which it calls `self`. */
export function compileRule(rule: V1ValidationRule, self: CelType): RuleProgram {
  const variables = { self, oldSelf: rule.optionalOldSelf ? optionalOf(self) : self };
  if (rule.rule.trim() === '') return { rule, usesOldSelf: false };
  const compiled = compile(rule.rule, { variables });
  if (!compiled.ok) return { rule, fault: compiled.fault, usesOldSelf: false };
  if (compiled.program.resultType.kind !== BOOL.kind) return { rule, fault: 'cel expression must evaluate to a bool', usesOldSelf: false };
  const { program } = compiled;
  const usesOldSelf = program.references.has('oldSelf');
  if (!rule.messageExpression) return { rule, program, usesOldSelf };
  const message = compile(rule.messageExpression, { variables });
  if (!message.ok) return { rule, program, usesOldSelf, messageFault: `messageExpression ${message.fault.replace(/^program /, '')}` };
  if (message.program.resultType.kind !== STRING.kind) return { rule, program, usesOldSelf, messageFault: 'messageExpression must evaluate to a string' };
  return { rule, program, message: message.program, usesOldSelf: usesOldSelf || message.program.references.has('oldSelf') };
}

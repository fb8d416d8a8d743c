import { BOOL, DYN, formatType, listOf, mapOf, objectType, sameType, STRING } from '../../../api/cel/celType.ts';
import { compile } from '../../../api/cel/compile.ts';
import { fromAnyJson } from '../../../api/cel/fromJson.ts';
import { parse } from '../../../api/cel/parser.ts';
import type { Environment, Program } from '../../../api/cel/types.ts';
import { PER_CALL_LIMIT } from '../../../api/cel/types.ts';
import { forEachPart } from '../../../api/cel/walk.ts';
import { toPlain } from './plainValue.ts';
import type { ClaimExpression, ClaimLanguage } from './claimLanguage.ts';

const USER = objectType('kubernetes.UserInfo', { username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) });

/** What each sort of expression may refer to (`authentication/cel`). */
const ENVIRONMENTS: Readonly<Record<'claims' | 'user', Environment>> = {
  claims: { variables: { claims: mapOf(STRING, DYN) } },
  user: { variables: { user: USER } },
};

/** CEL over the claims of a token, and over the user that is made of them. */
export const claimLanguage: ClaimLanguage = {
  compile(text, variable, boolean) {
    const compiled = compile(text, ENVIRONMENTS[variable]);
    if (!compiled.ok) return { fault: compiled.fault };
    if (boolean && !sameType(compiled.program.resultType, BOOL)) return { fault: `must evaluate to ${formatType(BOOL)}` };
    return { expression: expressionOf(text, variable, compiled.program) };
  },
};

function expressionOf(text: string, variable: 'claims' | 'user', program: Program): ClaimExpression {
  return {
    text,
    uses: (field) => selects(text, variable, field),
    *evaluation(about) {
      const outcome = yield* program.evaluation({ [variable]: fromAnyJson(about) }, { remaining: PER_CALL_LIMIT });
      return outcome.ok ? { value: toPlain(outcome.value) } : { error: outcome.message };
    },
  };
}

/** Whether an expression names `variable.field`. */
function selects(text: string, variable: string, field: string): boolean {
  const parsed = parse(text);
  if (parsed.issues) return false;
  let found = false;
  forEachPart(parsed.expr, (part) => {
    found ||= part.kind === 'select' && part.field === field && part.operand.kind === 'ident' && part.operand.name === variable;
  });
  return found;
}

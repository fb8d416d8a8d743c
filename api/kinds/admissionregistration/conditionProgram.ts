import { BOOL, DYN, listOf, mapOf, objectType, opaque, STRING } from '../../cel/celType.ts';
import { compile } from '../../cel/compile.ts';
import type { Environment, Program } from '../../cel/types.ts';

const KIND = objectType('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = objectType('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = objectType('kubernetes.UserInfo', { username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) });

/** The variable `request` of admission: the AdmissionRequest without its objects. */
export const ADMISSION_REQUEST = objectType('kubernetes.AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

/** What a match condition of a webhook may refer to. */
const ENVIRONMENT: Environment = {
  variables: {
    object: DYN,
    oldObject: DYN,
    request: ADMISSION_REQUEST,
    authorizer: opaque('kubernetes.authorization.Authorizer'),
    'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck'),
  },
};

/** A condition that can be evaluated, or what is wrong with its expression. */
export type ConditionProgram = { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly fault: string };

/** Compiles a match condition; the fault is what Kubernetes says of the field. */
export function conditionProgram(expression: string): ConditionProgram {
  const compiled = compile(expression, ENVIRONMENT);
  if (!compiled.ok) return { ok: false, fault: `compilation failed: ${compiled.message}` };
  const { kind } = compiled.program.resultType;
  return kind === 'bool' || kind === 'dyn' ? { ok: true, program: compiled.program } : { ok: false, fault: 'must evaluate to bool' };
}

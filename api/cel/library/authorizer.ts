import { member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { OpaqueValue } from '../values/opaque.ts';

/** What an expression asks the host's authorizer. */
export interface AuthorizationQuestion {
  readonly verb: string;
  /** Set where the question is about a path and no resource. */
  readonly path?: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Asked for this service account instead of the request's user. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why the authorizer could not decide. */
  readonly error?: string;
}

/** Answers at once, or says `undefined` for "not known yet": the evaluation then ends in an error, to be done again. */
export type CheckAuthorization = (question: AuthorizationQuestion) => AuthorizationAnswer | undefined;

const EMPTY: Omit<AuthorizationQuestion, 'verb'> = { group: '', resource: '', subresource: '', namespace: '', name: '' };

/** A question that is being put together, of one of the types that the library has for its stages. */
class Asking extends OpaqueValue {
  readonly typeName: string;
  readonly check: CheckAuthorization;
  readonly question: Omit<AuthorizationQuestion, 'verb'>;

  constructor(stage: string, check: CheckAuthorization, question: Omit<AuthorizationQuestion, 'verb'>) {
    super();
    this.typeName = `kubernetes.authorization.${stage}`;
    this.check = check;
    this.question = question;
  }

  equals(other: Asking): boolean {
    return this === other;
  }

  with(stage: string, more: Partial<AuthorizationQuestion>): Asking {
    return new Asking(stage, this.check, { ...this.question, ...more });
  }
}

class Decision extends OpaqueValue {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: Decision): boolean {
    return this === other;
  }
}

/** The variable `authorizer`. */
export const authorizerValue = (check: CheckAuthorization): OpaqueValue => new Asking('Authorizer', check, EMPTY);

/** The variable `authorizer.requestResource`: what the request itself is about. */
export const requestResourceValue = (check: CheckAuthorization, about: Partial<Omit<AuthorizationQuestion, 'verb'>>): OpaqueValue => new Asking('ResourceCheck', check, { ...EMPTY, ...about });

function ask({ check, question }: Asking, verb: string): Decision | CelError {
  const answer = check({ ...question, verb });
  return answer ? new Decision(answer) : new CelError('authorization check is not known yet');
}

/** Kubernetes' authorizer library, for the hosts that supply the variable. */
export const AUTHORIZER_FUNCTIONS: readonly Overload[] = [
  member('Authorizer', 'path', '(string) -> PathCheck', 'authorizer_path', (asking: Asking, path: string) => (path === '' ? new CelError('path must not be empty') : asking.with('PathCheck', { path }))),
  member('Authorizer', 'group', '(string) -> GroupCheck', 'authorizer_group', (asking: Asking, group: string) => asking.with('GroupCheck', { group })),
  member('Authorizer', 'serviceAccount', '(string, string) -> Authorizer', 'authorizer_serviceaccount', (asking: Asking, namespace: string, name: string) => asking.with('Authorizer', { serviceAccount: { namespace, name } })),
  member('GroupCheck', 'resource', '(string) -> ResourceCheck', 'groupcheck_resource', (asking: Asking, resource: string) => asking.with('ResourceCheck', { resource })),
  ...(['subresource', 'namespace', 'name', 'fieldSelector', 'labelSelector'] as const).map((part) => member('ResourceCheck', part, '(string) -> ResourceCheck', `resourcecheck_${part.toLowerCase()}`, (asking: Asking, text: string) => asking.with('ResourceCheck', { [part]: text }))),
  member('PathCheck', 'check', '(string) -> Decision', 'pathcheck_check', ask),
  member('ResourceCheck', 'check', '(string) -> Decision', 'resourcecheck_check', ask),
  member('Decision', 'allowed', '() -> bool', 'decision_allowed', ({ answer }: Decision) => answer.allowed),
  member('Decision', 'reason', '() -> string', 'decision_reason', ({ answer }: Decision) => answer.reason),
  member('Decision', 'errored', '() -> bool', 'decision_errored', ({ answer }: Decision) => answer.error !== undefined),
  member('Decision', 'error', '() -> string', 'decision_error', ({ answer }: Decision) => answer.error ?? ''),
];

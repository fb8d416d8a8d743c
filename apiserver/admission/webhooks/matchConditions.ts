import { fromAnyJson, fromJson } from '../../../api/cel/fromJson.ts';
import { authorizerValue, requestResourceValue, type CheckAuthorization } from '../../../api/cel/library/authorizer.ts';
import { MATCH_CONDITIONS_BUDGET, type Bindings } from '../../../api/cel/types.ts';
import { ADMISSION_REQUEST } from '../../../api/kinds/admissionregistration/admissionRequest.ts';
import { webhookCondition, type PolicyProgram } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { inTurns } from '../../inTurns.ts';
import type { AdmissionAttributes, Authorizer, ImmediateAuthorizer } from '../../types.ts';
import type { View } from './admittedObject.ts';
import type { Hook } from './hooks.ts';
import { requestHead, type ReviewRequest } from './review.ts';
import { withSettledAuthorizer } from './settledAuthorizer.ts';

/** What conditions are asked about. */
export interface ConditionInput {
  readonly attributes: AdmissionAttributes;
  readonly request: ReviewRequest;
  readonly view: View;
}

/** Whether all conditions hold; `error` is set where none is false and some have no value. */
export interface ConditionOutcome {
  readonly matches: boolean;
  readonly error?: string;
}

/** Said when expressions have cost more, all together, than they may. */
export const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

const programs = new WeakMap<Hook, readonly PolicyProgram[]>();

/** Evaluates the match conditions of a webhook (upstream's `matcher.Match`); compiled when they are first asked. One that is false is enough, whatever becomes of the others. Yields after every few milliseconds of work. */
export function* evaluateConditions(hook: Hook, input: ConditionInput, authorizer: ImmediateAuthorizer): Generator<void, ConditionOutcome> {
  let compiled = programs.get(hook);
  if (!compiled) programs.set(hook, (compiled = hook.matchConditions.map(({ expression }) => webhookCondition(expression))));
  const bindings = { ...bindingsOf(input, authorizer), namespaceObject: null };
  const budget = { remaining: MATCH_CONDITIONS_BUDGET };
  const errors = new Set<string>();
  for (const condition of compiled) {
    if (!condition.ok) {
      errors.add(`compilation error: ${condition.fault}`);
      continue;
    }
    const outcome = yield* condition.program.evaluation(bindings, budget);
    if (budget.remaining < 0) return { matches: false, error: OUT_OF_BUDGET };
    if (!outcome.ok) errors.add(`expression '${condition.program.text}' resulted in error: ${outcome.message}`);
    else if (outcome.value === false) return { matches: false };
  }
  if (errors.size === 0) return { matches: true };
  return { matches: false, error: errors.size === 1 ? [...errors].join() : `[${[...errors].join(', ')}]` };
}

/** As `evaluateConditions`, with an authorizer that may have to ask somebody. */
export function settledConditions(hook: Hook, input: ConditionInput, authorizer: Authorizer): Promise<ConditionOutcome> {
  return withSettledAuthorizer(authorizer, (immediate) => inTurns(evaluateConditions(hook, input, immediate)));
}

/** The variables that every expression of admission may refer to. */
export function bindingsOf({ attributes, request, view }: ConditionInput, authorizer: ImmediateAuthorizer): Bindings {
  const check = authorizationCheck(attributes, authorizer);
  const { resource, group } = request.requestResource;
  const { subresource, namespace, name } = request;
  return {
    object: () => fromAnyJson(view.object),
    oldObject: () => fromAnyJson(view.previous),
    request: () => fromJson({ ...requestHead(request), dryRun: request.dryRun, options: request.options === undefined ? null : JSON.parse(request.options) }, ADMISSION_REQUEST),
    authorizer: () => authorizerValue(check),
    'authorizer.requestResource': () => requestResourceValue(check, { group, resource, subresource, namespace, name }),
  };
}

/** What the request's user, or a service account, may do. */
function authorizationCheck({ user }: AdmissionAttributes, authorizer: ImmediateAuthorizer): CheckAuthorization {
  return ({ verb, path, group, resource, subresource, namespace, name, serviceAccount, fieldSelector, labelSelector }) => {
    const asking = serviceAccount ? { name: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount.namespace}`, 'system:authenticated'] } : user;
    const about = path === undefined ? { isResourceRequest: true, version: '*', path: '' } : { isResourceRequest: false, version: '', path };
    const selectors = { ...(fieldSelector === undefined ? {} : { fieldSelector }), ...(labelSelector === undefined ? {} : { labelSelector }) };
    const { allowed, reason, error } = authorizer.authorize({ user: asking, verb, group, resource, subresource, namespace, name, ...selectors, ...about });
    return { allowed, reason, ...(error === undefined ? {} : { error }) };
  };
}

import type { V1CustomResourceDefinition, V1CustomResourceDefinitionCondition, V1CustomResourceDefinitionNames, V1CustomResourceDefinitionStatus } from '../../generated/types.ts';
import { validateCaBundle } from '../../validation/caBundle.ts';
import { deepEqual } from '../../values/deepEqual.ts';
import { approvalOf } from './approval.ts';

type Definition = V1CustomResourceDefinition;
type Condition = V1CustomResourceDefinitionCondition;

/** By it, a definition waits until its objects are deleted. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export const isTrue = ({ status }: Pick<Definition, 'status'>, type: string): boolean => status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;

export const isEstablished = (definition: Pick<Definition, 'status'>): boolean => isTrue(definition, 'Established');

/**
 * Conditions with one of them set; its time moves only with its status, and what somebody else has written down in it of the generation stays, as in
 * upstream's SetCRDCondition. `now` as objects bear it.
 */
export function withCondition(conditions: readonly Condition[] | null | undefined, condition: Condition, now: string): Condition[] {
  const all = conditions ?? [];
  const previous = all.find(({ type }) => type === condition.type);
  const kept = previous?.status === condition.status ? previous.lastTransitionTime : undefined;
  const { observedGeneration } = previous ?? {};
  const complete = { ...(observedGeneration === undefined ? {} : { observedGeneration }), ...condition, lastTransitionTime: kept ?? now };
  return previous ? all.map((each) => (each === previous ? complete : each)) : [...all, complete];
}

/** Whether there is nothing to decide: the names are accepted as they are wanted. Cheap, so that a start with many definitions is. */
export function isSettled(definition: Definition): boolean {
  const { spec, status } = definition;
  return isEstablished(definition) && isTrue(definition, 'NamesAccepted') && deepEqual(spec.names, status?.acceptedNames) && approvalOf(definition) === undefined;
}

/**
 * The status that a definition should have beside the others of its group (upstream's naming, establishing and approval controllers in one step); the
 * status itself where nothing is to be changed.
 */
export function acceptedStatus(definition: Definition, others: readonly Definition[], now: string): V1CustomResourceDefinitionStatus {
  const present = definition.status ?? {};
  let { conditions } = present;
  const { names, conflict } = acceptNames(definition, others);
  conditions = withCondition(conditions, conflict ?? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }, now);
  if (!isEstablished(definition)) {
    conditions = withCondition(conditions, { type: 'Established', ...establishment(definition, conflict !== undefined) }, now);
  }
  const approval = approvalOf(definition);
  if (approval) {
    const reason = { Approved: 'ApprovedAnnotation', Unapproved: 'UnapprovedAnnotation', Missing: 'MissingAnnotation', Invalid: 'InvalidAnnotation' }[approval.state];
    conditions = withCondition(conditions, { type: 'KubernetesAPIApprovalPolicyConformant', status: approval.state === 'Approved' ? 'True' : 'False', reason, message: approval.reason }, now);
  }
  if (deepEqual(names, present.acceptedNames) && deepEqual(conditions, present.conditions)) return present;
  return { ...present, acceptedNames: names, conditions };
}

function establishment({ spec }: Definition, isConflict: boolean): Pick<Condition, 'status' | 'reason' | 'message'> {
  if (isConflict) return { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  if (validateCaBundle('', spec.conversion?.webhook?.clientConfig?.caBundle).length > 0) return { status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' };
  return { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
}

/** What of the wanted names is free, beside what was accepted before; and what stands in the way of the rest. */
function acceptNames({ spec, status }: Definition, others: readonly Definition[]): { readonly names: V1CustomResourceDefinitionNames; readonly conflict: Condition | undefined } {
  const wanted = spec.names;
  const accepted = status?.acceptedNames ?? { plural: '', kind: '' };
  const taken = others.map((each) => each.status?.acceptedNames);
  const resources = new Set(taken.flatMap((each) => [each?.plural, each?.singular, ...(each?.shortNames ?? [])]));
  const kinds = new Set(taken.flatMap((each) => [each?.kind, each?.listKind]));
  let conflict: Condition | undefined;
  const refuse = (reason: string, ...blocked: readonly string[]): void => {
    const messages = blocked.map((name) => `${JSON.stringify(name)} is already in use`);
    conflict = { type: 'NamesAccepted', status: 'False', reason, message: messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]` };
  };
  const names = { ...accepted };
  const take = (name: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string | undefined>, reason: string): void => {
    const value = wanted[name] ?? '';
    if (value !== accepted[name] && used.has(value)) refuse(reason, value);
    else names[name] = value;
  };
  take('plural', resources, 'PluralConflict');
  take('singular', resources, 'SingularConflict');
  const blocked = (wanted.shortNames ?? []).filter((name) => !(accepted.shortNames ?? []).includes(name) && resources.has(name));
  if (blocked.length > 0) refuse('ShortNamesConflict', ...new Set(blocked));
  else if (wanted.shortNames) names.shortNames = wanted.shortNames;
  else delete names.shortNames;
  take('kind', kinds, 'KindConflict');
  take('listKind', kinds, 'ListKindConflict');
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  return { names, conflict };
}

import type { FlowcontrolV1Subject, V1FlowSchemaSpec, V1PolicyRulesWithSubjects, V1PriorityLevelConfigurationSpec } from '../../generated/types.ts';
import { invalid, type FieldError } from '../../fieldError.ts';

/** The priority level that nothing limits, and the flow schema of the administrators. */
export const EXEMPT = 'exempt';
const CATCH_ALL = 'catch-all';

const everything = (...groups: string[]): V1PolicyRulesWithSubjects[] => [{
  subjects: groups.map((name) => ({ kind: 'Group', group: { name } })),
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}];

/** Of the flow schemas without which some requests could not be classified. */
export const mandatorySchemaSpecs = (): Record<string, V1FlowSchemaSpec> => ({
  [EXEMPT]: { priorityLevelConfiguration: { name: EXEMPT }, matchingPrecedence: 1, rules: everything('system:masters') },
  [CATCH_ALL]: {
    priorityLevelConfiguration: { name: CATCH_ALL },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: everything('system:unauthenticated', 'system:authenticated'),
  },
});

/** Of the priority levels that those lead to. */
export const mandatoryLevelSpecs = (): Record<string, V1PriorityLevelConfigurationSpec> => ({
  [EXEMPT]: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  [CATCH_ALL]: { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
});

/** What is mandatory is as it is: the server decides by it, whatever is written. */
export function validateMandatorySchema(name: string | undefined, spec: Partial<V1FlowSchemaSpec> | undefined): FieldError[] {
  const wanted = mandatorySchemaSpecs()[name ?? ''];
  const shown = goSchemaSpec(spec ?? {});
  return !wanted || isSame(shown, goSchemaSpec(wanted)) ? [] : [invalid('spec', shown, `spec of '${name}' must equal the fixed value`)];
}

/** How many seats `exempt` has to lend is for its administrator to say. */
export function validateMandatoryLevel(name: string | undefined, spec: Partial<V1PriorityLevelConfigurationSpec> | undefined): FieldError[] {
  const wanted = mandatoryLevelSpecs()[name ?? ''];
  if (!wanted) return [];
  const shown = goLevelSpec(spec ?? {});
  const isExempt = name === EXEMPT;
  if (isSame({ ...shown, ...(isExempt ? { Exempt: null } : {}) }, { ...goLevelSpec(wanted), ...(isExempt ? { Exempt: null } : {}) })) return [];
  return [invalid('spec', shown, `spec of '${name}' ${isExempt ? "except the 'spec.exempt' field " : ''}must equal the fixed value`)];
}

const isSame = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

// The internal types name no fields for JSON: errors show them by their names in Go, and nothing is left out.

const orNull = <T>(list: readonly T[] | null | undefined): readonly T[] | null => (list?.length ? list : null);

function goSchemaSpec({ priorityLevelConfiguration, matchingPrecedence = 0, distinguisherMethod, rules }: Partial<V1FlowSchemaSpec>): object {
  return {
    PriorityLevelConfiguration: { Name: priorityLevelConfiguration?.name ?? '' },
    MatchingPrecedence: matchingPrecedence,
    DistinguisherMethod: distinguisherMethod ? { Type: distinguisherMethod.type ?? '' } : null,
    Rules: orNull(rules?.map(goRule)),
  };
}

function goRule({ subjects, resourceRules, nonResourceRules }: Partial<V1PolicyRulesWithSubjects>): object {
  return {
    Subjects: orNull(subjects?.map(goSubject)),
    ResourceRules: orNull(resourceRules?.map(({ verbs, apiGroups, resources, clusterScope = false, namespaces }) => (
      { Verbs: orNull(verbs), APIGroups: orNull(apiGroups), Resources: orNull(resources), ClusterScope: clusterScope, Namespaces: orNull(namespaces) }
    ))),
    NonResourceRules: orNull(nonResourceRules?.map(({ verbs, nonResourceURLs }) => ({ Verbs: orNull(verbs), NonResourceURLs: orNull(nonResourceURLs) }))),
  };
}

function goSubject({ kind = '', user, group, serviceAccount }: Partial<FlowcontrolV1Subject>): object {
  return {
    Kind: kind,
    User: user ? { Name: user.name ?? '' } : null,
    Group: group ? { Name: group.name ?? '' } : null,
    ServiceAccount: serviceAccount ? { Namespace: serviceAccount.namespace ?? '', Name: serviceAccount.name ?? '' } : null,
  };
}

function goLevelSpec({ type = '', limited, exempt }: Partial<V1PriorityLevelConfigurationSpec>): object {
  const queuing = limited?.limitResponse?.queuing;
  return {
    Type: type,
    Limited: limited
      ? {
          NominalConcurrencyShares: limited.nominalConcurrencyShares ?? 0,
          LimitResponse: {
            Type: limited.limitResponse?.type ?? '',
            Queuing: queuing ? { Queues: queuing.queues ?? 0, HandSize: queuing.handSize ?? 0, QueueLengthLimit: queuing.queueLengthLimit ?? 0 } : null,
          },
          LendablePercent: limited.lendablePercent ?? null,
          BorrowingLimitPercent: limited.borrowingLimitPercent ?? null,
        }
      : null,
    Exempt: exempt ? { NominalConcurrencyShares: exempt.nominalConcurrencyShares ?? null, LendablePercent: exempt.lendablePercent ?? null } : null,
  };
}

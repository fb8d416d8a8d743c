import type { V1FlowSchema, V1PolicyRulesWithSubjects, V1PriorityLevelConfiguration } from '../../generated/types.ts';
import { flowSchema, priorityLevelConfiguration } from './flowcontrol.ts';

const metadata = { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

function schema(spec: V1FlowSchema['spec']): V1FlowSchema {
  const object: V1FlowSchema = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata, spec };
  flowSchema.setDefaults?.(object);
  return object;
}

function level(spec: V1PriorityLevelConfiguration['spec'], name = 'x'): V1PriorityLevelConfiguration {
  const object: V1PriorityLevelConfiguration = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration', metadata: { ...metadata, name }, spec };
  priorityLevelConfiguration.setDefaults?.(object);
  return object;
}

describe('flow schema', () => {
  it('leads to a priority level', () => {
    expect(texts(flowSchema.validate?.(schema({ priorityLevelConfiguration: { name: 'global' } })))).toEqual([]);
    expect(texts(flowSchema.validate?.(schema({ priorityLevelConfiguration: { name: '' }, matchingPrecedence: 10_001 })))).toEqual([
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000', 'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    ]);
    expect(flowSchema.columns?.map((each) => each.value(schema({ priorityLevelConfiguration: { name: 'global' } }), Date.parse('2026-01-01T00:01:00Z')))).toEqual(['global', 1000, '<none>', '60s', '?']);
  });
});

describe('rules of a flow schema', () => {
  const resourceRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] };
  const user = { kind: 'User', user: { name: 'jane' } };
  const errorsOf = (rule: object): string[] => texts(flowSchema.validate?.(schema({ priorityLevelConfiguration: { name: 'global' }, rules: [rule] as V1PolicyRulesWithSubjects[] })));
  it.each<[object, string[]]>([
    [{ subjects: [user], resourceRules: [resourceRule] }, []],
    [{}, ['.subjects: Required value: subjects must contain at least one value', ': Required value: at least one of resourceRules and nonResourceRules has to be non-empty']],
    [{ subjects: [{ kind: 'Robot' }], resourceRules: [resourceRule] }, ['.subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"']],
    [{ subjects: [{ kind: 'User', group: { name: 'g' } }], resourceRules: [resourceRule] }, [".subjects[0].user: Required value: user is required when subject kind is 'User'", ".subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'"]],
    [{ subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*' } }], resourceRules: [resourceRule] }, ['.subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account']],
    [{ subjects: [user], resourceRules: [{ verbs: ['get', '*'], apiGroups: ['*', ''], resources: [] }] }, [
      '.resourceRules[0].verbs: Invalid value: ["get","*"]: if \'*\' is present, must not specify other verbs', '.resourceRules[0].apiGroups: Invalid value: ["*",""]: if \'*\' is present, must not specify other api groups',
      '.resourceRules[0].resources: Required value: resource rules must supply at least one resource', '.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
    ]],
    [{ subjects: [user], resourceRules: [{ ...resourceRule, namespaces: ['A'] }] }, [expect.stringContaining(".resourceRules[0].namespaces[0]: Invalid value: \"A\": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label")]],
    [{ subjects: [user], nonResourceRules: [{ verbs: ['odd'], nonResourceURLs: ['x', '/a//b', '/a*', '/healthz/*'] }] }, [
      '.nonResourceRules[0].verbs: Unsupported value: ["odd"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      '.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x": must start with slash', '.nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a//b": must not contain double slash',
      '.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a*": wildcard can only do suffix matching',
    ]],
  ])('%j', (rule, messages) => {
    expect(errorsOf(rule).map((each) => each.replace('spec.rules[0]', ''))).toEqual(messages);
  });
  it('the first place is for the administrators', () => {
    expect(texts(flowSchema.validate?.(schema({ priorityLevelConfiguration: { name: 'global' }, matchingPrecedence: 1 })))).toEqual(["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"]);
  });
  it('have each condition once', () => {
    const status = { conditions: [{ type: 'Dangling' }, { type: 'Dangling' }, {}] };
    const object = { ...schema({ priorityLevelConfiguration: { name: 'global' } }), status };
    expect(texts(flowSchema.validateStatusUpdate?.(object, object))).toEqual(['status.conditions[1].type: Duplicate value: "Dangling"', 'status.conditions[2].type: Required value: must not be empty']);
  });
});

describe('priority level', () => {
  it('gets defaults, and limits or does not', () => {
    const queue = { limitResponse: { type: 'Queue', queuing: {} } };
    expect(level({ type: 'Limited', limited: structuredClone(queue) }).spec?.limited).toEqual({ nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } } });
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Limited', limited: structuredClone(queue) })))).toEqual([]);
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Limited' })))).toEqual(['spec.limited: Required value: must not be empty when type is Limited']);
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Exempt', limited: structuredClone(queue) }, 'exempt')))).toEqual([
      'spec.limited: Forbidden: must be nil if the type is not Limited', expect.stringContaining("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value"),
    ]);
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Exempt' })))).toEqual(["spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"]);
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Odd' })))).toEqual(['spec.type: Unsupported value: "Odd": supported values: "Exempt", "Limited"']);
  });
  it.each<[object, string[]]>([
    [{ limitResponse: { type: 'Reject', queuing: {} } }, ['limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited']],
    [{ limitResponse: { type: 'Queue' } }, ['limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited']],
    [{ limitResponse: { type: 'Odd' } }, ['limitResponse.type: Unsupported value: "Odd": supported values: "Queue", "Reject"']],
    [{ limitResponse: { type: 'Reject' }, nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 }, [
      'nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer', 'lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive', 'borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ]],
    [{ limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 5, queueLengthLimit: -1 } } }, ['limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive', 'limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)']],
    [{ limitResponse: { type: 'Queue', queuing: { queues: 1024, handSize: 7 } } }, ['limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60']],
    [{ limitResponse: { type: 'Queue', queuing: { queues: 10_000_001, handSize: 1 } } }, ['limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000']],
  ])('limits as %j', (limited, messages) => {
    expect(texts(priorityLevelConfiguration.validate?.(level({ type: 'Limited', limited: structuredClone(limited) })))).toEqual(messages.map((each) => `spec.limited.${each}`));
  });
});

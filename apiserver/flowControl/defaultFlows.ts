import type { FlowcontrolV1Subject, V1FlowSchema, V1LimitedPriorityLevelConfiguration, V1PolicyRulesWithSubjects, V1PriorityLevelConfiguration, V1ResourcePolicyRule } from '../../api/generated/types.ts';
import { mandatoryLevelSpecs, mandatorySchemaSpecs } from '../../api/kinds/flowcontrol/mandatoryFlows.ts';
import type { Draft } from '../../api/meta.ts';

/** Whether the server keeps an object's spec as its own version has it. */
export const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec';

type Level = Draft<V1PriorityLevelConfiguration>;
type Schema = Draft<V1FlowSchema>;
type Method = 'ByUser' | 'ByNamespace' | undefined;

const metadata = (name: string): Level['metadata'] => ({ name, annotations: { [AUTO_UPDATE]: 'true' } });
const level = (name: string, spec: NonNullable<Level['spec']>): Level => ({ apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration', metadata: metadata(name), spec });
const limited = (nominalConcurrencyShares: number, lendablePercent: number, limitResponse: V1LimitedPriorityLevelConfiguration['limitResponse']): NonNullable<Level['spec']> => ({
  type: 'Limited',
  limited: { nominalConcurrencyShares, lendablePercent, ...(limitResponse ? { limitResponse } : {}) },
});
const queue = (queues: number, handSize: number): V1LimitedPriorityLevelConfiguration['limitResponse'] => ({ type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } });

const schemaOf = (name: string, spec: NonNullable<Schema['spec']>): Schema => ({ apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: metadata(name), spec });

function schema(name: string, priorityLevel: string, matchingPrecedence: number, method: Method, rule: V1PolicyRulesWithSubjects): Schema {
  const distinguisher = method === undefined ? {} : { distinguisherMethod: { type: method } };
  return schemaOf(name, { priorityLevelConfiguration: { name: priorityLevel }, matchingPrecedence, ...distinguisher, rules: [rule] });
}

const groups = (...names: string[]): FlowcontrolV1Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: string[]): FlowcontrolV1Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const accounts = (...names: string[]): FlowcontrolV1Subject[] => names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } }));
const resources = (verbs: string[], apiGroup: string, names: string[], clusterScope = false): V1ResourcePolicyRule => ({ verbs, apiGroups: [apiGroup], resources: names, ...(clusterScope ? { clusterScope } : {}), namespaces: ['*'] });
const everything = (subjects: FlowcontrolV1Subject[]): V1PolicyRulesWithSubjects => ({ subjects, resourceRules: [resources(['*'], '*', ['*'], true)], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] });
const allUsers = (): FlowcontrolV1Subject[] => groups('system:unauthenticated', 'system:authenticated');

const LOCK_VERBS = ['get', 'create', 'update'];

/** Without these nothing can be classified: they are in force whatever etcd holds, and are put back when changed. */
export const mandatoryLevels = (): Level[] => Object.entries(mandatoryLevelSpecs()).map(([name, spec]) => level(name, spec));

export const mandatorySchemas = (): Schema[] => Object.entries(mandatorySchemaSpecs()).map(([name, spec]) => schemaOf(name, spec));

/** The spec that a mandatory object has to have; how much `exempt` lends is its administrator's to say. */
export function mandatorySpec<T>(present: { readonly spec?: T }, wanted: { readonly spec?: T }): T | undefined {
  const typeOf = (spec: unknown): unknown => (typeof spec === 'object' && spec !== null && 'type' in spec ? spec.type : undefined);
  return typeOf(wanted.spec) === 'Exempt' && typeOf(present.spec) === 'Exempt' ? present.spec : wanted.spec;
}

/** What Kubernetes suggests; an administrator may change it. */
export const suggestedLevels = (): Level[] => [
  level('system', limited(30, 33, queue(64, 6))),
  level('node-high', limited(40, 25, queue(64, 6))),
  level('leader-election', limited(10, 0, queue(16, 4))),
  level('workload-high', limited(40, 50, queue(128, 6))),
  level('workload-low', limited(100, 90, queue(128, 6))),
  level('global-default', limited(20, 50, queue(128, 6))),
];

export const suggestedSchemas = (): Schema[] => [
  schema('probes', 'exempt', 2, undefined, { subjects: allUsers(), nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...accounts('*')],
    resourceRules: [resources(LOCK_VERBS, 'coordination.k8s.io', ['leases'])],
  }),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [resources(['*'], '', ['nodes', 'nodes/status'], true), resources(['*'], 'coordination.k8s.io', ['leases'])],
  }),
  schema('system-nodes', 'system', 500, 'ByUser', everything(groups('system:nodes'))),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everything(users('system:kube-controller-manager'))),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everything(users('system:kube-scheduler'))),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everything(accounts('*'))),
  schema('service-accounts', 'workload-low', 9_000, 'ByUser', everything(groups('system:serviceaccounts'))),
  schema('global-default', 'global-default', 9_900, 'ByUser', everything(allUsers())),
];

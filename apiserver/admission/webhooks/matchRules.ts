import type { V1RuleWithOperations } from '../../../api/generated/types.ts';

/** What a request is about, as rules name it. */
export interface Subject {
  readonly operation: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` for what has none; the own name of a Namespace. */
  readonly namespace: string;
}

/** Whether a rule covers a request (upstream's `rules.Matcher`). */
export function matchesRule(rule: V1RuleWithOperations, subject: Subject): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [] } = rule;
  return inScope(rule.scope, subject) && oneOf(operations, subject.operation) && oneOf(apiGroups, subject.group) && oneOf(apiVersions, subject.version) && resources.some((each) => coversResource(each, subject));
}

const oneOf = (values: readonly string[], wanted: string): boolean => values.includes('*') || values.includes(wanted);

/** `pods` is the resource alone, `pods/*` it and its subresources, and `*` all resources but no subresource. */
function coversResource(text: string, { resource, subresource }: Subject): boolean {
  const slash = text.indexOf('/');
  const [name, below] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  return (name === '*' || name === resource) && (below === '*' || below === subresource);
}

/** Namespaces themselves belong to the cluster, though requests for them name one. */
function inScope(scope: string | undefined, { group, version, resource, namespace }: Subject): boolean {
  const isClusterWide = namespace === '' || (group === '' && version === 'v1' && resource === 'namespaces');
  if (scope === 'Namespaced') return !isClusterWide;
  return scope === 'Cluster' ? isClusterWide : true;
}

const GROUP = 'admissionregistration.k8s.io';
const EXEMPT: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings',
]);

/** What configures admission is never judged by it: whoever locks himself out could not mend it. */
export const isExempt = ({ group, resource }: Pick<Subject, 'group' | 'resource'>): boolean => group === GROUP && EXEMPT.has(resource);

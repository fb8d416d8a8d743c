import type { FlowcontrolV1Subject, V1FlowSchema, V1NonResourcePolicyRule, V1PolicyRulesWithSubjects, V1ResourcePolicyRule } from '../../api/generated/types.ts';
import type { RequestInfo, UserInfo } from '../types.ts';

type Test = (info: RequestInfo, user: UserInfo) => boolean;

/** Whether a FlowSchema is about a request, prepared once for each version of it (`matchesFlowSchema`). */
export function flowMatcher({ spec }: Pick<V1FlowSchema, 'spec'>): Test {
  const rules = (spec?.rules ?? []).map(ruleTest);
  return (info, user) => rules.some((test) => test(info, user));
}

function ruleTest({ subjects, resourceRules = [], nonResourceRules = [] }: V1PolicyRulesWithSubjects): Test {
  const isAbout = subjects.map(subjectTest);
  const resources = resourceRules.map(resourceTest);
  const paths = nonResourceRules.map(nonResourceTest);
  return (info, user) => isAbout.some((test) => test(user)) && (info.isResourceRequest ? resources : paths).some((test) => test(info));
}

function subjectTest({ kind, user, group, serviceAccount }: FlowcontrolV1Subject): (user: UserInfo) => boolean {
  if (kind === 'User' && user) return user.name === '*' ? () => true : ({ name }) => name === user.name;
  if (kind === 'Group' && group) return group.name === '*' ? () => true : ({ groups }) => groups.includes(group.name);
  if (kind !== 'ServiceAccount' || !serviceAccount) return () => false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  return serviceAccount.name === '*' ? ({ name }) => name.startsWith(prefix) : ({ name }) => name === prefix + serviceAccount.name;
}

function resourceTest({ verbs, apiGroups, resources, namespaces, clusterScope = false }: V1ResourcePolicyRule): (info: RequestInfo) => boolean {
  const isVerb = oneOf(verbs);
  const isGroup = oneOf(apiGroups);
  const isResource = oneOf(resources);
  const isNamespace = oneOf(namespaces ?? []);
  return ({ verb, group, resource, subresource, namespace }) =>
    isVerb(verb) && isGroup(group) && isResource(subresource === '' ? resource : `${resource}/${subresource}`) && (namespace === '' ? clusterScope : isNamespace(namespace));
}

function nonResourceTest({ verbs, nonResourceURLs }: V1NonResourcePolicyRule): (info: RequestInfo) => boolean {
  const isVerb = oneOf(verbs);
  const isPath = oneOf(nonResourceURLs);
  // A path stands for all below it, too, with a star at its end or without.
  const prefixes = nonResourceURLs.map((each) => `${each.replace(/\/?\*?$/, '')}/`);
  return ({ verb, path }) => isVerb(verb) && (isPath(path) || prefixes.some((prefix) => path.startsWith(prefix)));
}

function oneOf(values: readonly string[]): (value: string) => boolean {
  if (values.includes('*')) return () => true;
  const known = new Set(values);
  return (value) => known.has(value);
}

/** What tells one flow of a FlowSchema from another: the user, the namespace, or nothing. */
export function distinguisherOf({ spec }: Pick<V1FlowSchema, 'spec'>): (info: RequestInfo, user: UserInfo) => string {
  const type = spec?.distinguisherMethod?.type;
  if (type === 'ByUser') return (_, user) => user.name;
  if (type === 'ByNamespace') return (info) => info.namespace;
  return () => '';
}

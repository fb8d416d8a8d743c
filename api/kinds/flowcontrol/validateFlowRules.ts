import type { V1NonResourcePolicyRule, V1ResourcePolicyRule } from '../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, required } from '../../fieldError.ts';
import { validateDns1123Label } from '../../validation/names.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const NAMESPACES_MESSAGE = "each member of this list must be '*' or a DNS-1123 label; ";

/** `ValidateFlowSchemaResourcePolicyRule`. */
export function validateResourceRule(field: string, { verbs = [], apiGroups = [], resources = [], namespaces: named, clusterScope }: Partial<V1ResourcePolicyRule>): FieldError[] {
  const namespaces = named ?? [];
  const errors = validateVerbs(`${field}.verbs`, verbs);
  append(errors, (apiGroups.length === 0 ? [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')] : aloneIfAll(`${field}.apiGroups`, apiGroups, 'api groups')));
  append(errors, (resources.length === 0 ? [required(`${field}.resources`, 'resource rules must supply at least one resource')] : aloneIfAll(`${field}.resources`, resources, 'resources')));
  const path = `${field}.namespaces`;
  if (namespaces.length === 0 && !clusterScope) return [...errors, required(path, 'resource rules that are not cluster scoped must supply at least one namespace')];
  if (namespaces.includes('*')) return [...errors, ...aloneIfAll(path, namespaces, 'namespaces')];
  return [...errors, ...namespaces.flatMap((name, index) => validateDns1123Label(name).map((message) => invalid(`${path}[${index}]`, name, `${NAMESPACES_MESSAGE}${message}`)))];
}

/** `ValidateFlowSchemaNonResourcePolicyRule`. */
export function validateNonResourceRule(field: string, { verbs = [], nonResourceURLs = [] }: Partial<V1NonResourcePolicyRule>): FieldError[] {
  const errors = validateVerbs(`${field}.verbs`, verbs);
  const path = `${field}.nonResourceURLs`;
  if (nonResourceURLs.length === 0) return [...errors, required(path, 'nonResourceURLs must contain at least one value')];
  if (nonResourceURLs.includes('*')) return [...errors, ...aloneIfAll(path, nonResourceURLs, 'non-resource URLs')];
  return [...errors, ...nonResourceURLs.flatMap((url, index) => {
    const fault = whyNotUrlPath(url);
    return fault === undefined ? [] : [invalid(`${path}[${index}]`, url, fault)];
  })];
}

function validateVerbs(field: string, verbs: readonly string[]): FieldError[] {
  if (verbs.length === 0) return [required(field, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return aloneIfAll(field, verbs, 'verbs');
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(field, verbs, VERBS)];
}

function aloneIfAll(field: string, values: readonly string[], what: string): FieldError[] {
  return values.length > 1 && values.includes('*') ? [invalid(field, values, `if '*' is present, must not specify other ${what}`)] : [];
}

/** `ValidateNonResourceURLPath`. */
function whyNotUrlPath(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const stars = path.split('*').length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

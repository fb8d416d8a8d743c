import { parseClause } from '../request/mediaType.ts';

export type ZPageKind = 'Statusz' | 'Flagz';
/** A page for people, or an object of `config.k8s.io` in this version. */
export type ZPageForm = { readonly format: 'text' } | { readonly format: 'json' | 'yaml'; readonly version: string };

const GROUP = 'config.k8s.io';
const VERSIONS: readonly string[] = ['v1beta1', 'v1alpha1'];

/** What a refusal names. */
export const ZPAGE_TYPES: readonly string[] = ['application/json', 'application/yaml', 'text/plain'];

/**
 * The form that an `Accept` header asks for (`StatuszEndpointRestrictions`, `FlagzEndpointRestrictions`): text where nothing is said or anything
 * would do, the object only to those who name its kind, group and version. Undefined where nothing that is named can be served.
 */
export function zpageForm(accept: string | undefined, kind: ZPageKind): ZPageForm | undefined {
  if (accept === undefined || accept.trim() === '') return { format: 'text' };
  const clauses = accept.split(',').map(parseClause);
  clauses.sort((a, b) => b.quality - a.quality);
  for (const { type, parameters } of clauses) {
    const as = parameters.get('as') ?? '';
    const version = parameters.get('v') ?? '';
    const isObject = as === kind && parameters.get('g') === GROUP && VERSIONS.includes(version);
    if (isObject && ['application/json', 'application/*', '*/*'].includes(type)) return { format: 'json', version };
    if (isObject && type === 'application/yaml') return { format: 'yaml', version };
    if (as === '' && ['text/plain', 'text/*', '*/*'].includes(type)) return { format: 'text' };
  }
  return undefined;
}

import type { V1PolicyRule } from '../../../api/generated/types.ts';

export const READ = ['get', 'list', 'watch'];
export const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'];
export const READ_WRITE = [...READ, ...WRITE];

/** A ClusterRole or Role of the defaults, in short. */
export interface DefaultRole {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rules: V1PolicyRule[];
  /** Instead of rules of its own: those of the roles with one of these labels set to `true`. */
  readonly aggregates?: readonly string[];
}

/** Groups, resources and names are separated by spaces; `core` is the core group. Lists are sorted, as Kubernetes shows its defaults. */
export function rule(verbs: readonly string[] | string, groups: string, resources: string, names?: string): V1PolicyRule {
  const apiGroups = words(groups).map((each) => (each === 'core' ? '' : each)).sort();
  return { apiGroups, resources: words(resources).sort(), ...(names === undefined ? {} : { resourceNames: words(names).sort() }), verbs: verbList(verbs) };
}

export function urls(verbs: string, paths: string): V1PolicyRule {
  return { nonResourceURLs: words(paths).sort(), verbs: verbList(verbs) };
}

/** Everybody who reports events. */
export const eventsRule = (): V1PolicyRule => rule('create update patch', 'core events.k8s.io', 'events');

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
const verbList = (verbs: readonly string[] | string): string[] => (typeof verbs === 'string' ? words(verbs) : [...verbs]).sort();

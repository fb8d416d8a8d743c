import type { KubeObject } from '../../../api/meta.ts';
import { matchesLabels, type Labels, type LabelSelector } from '../../../api/values/labelSelector.ts';
import type { Registry, ServedResource } from '../../registry.ts';
import type { AdmissionAttributes } from '../../types.ts';
import type { Version } from './admittedObject.ts';
import type { Hook } from './hooks.ts';
import { matchesRule, type Subject } from './matchRules.ts';

/** A request for a resource as rules see it, with the version of its kind that it is about. */
export interface Asked {
  readonly subject: Subject;
  readonly version: Version;
}

export function askedOf({ operation, namespace, subresource }: AdmissionAttributes, served: ServedResource): Asked {
  const { group, version, plural } = served.definition;
  return { subject: { operation, group, version, resource: plural, subresource, namespace }, version: { served, kind: kindOf(served, subresource) } };
}

/** The kind of a resource or of a subresource of it (`KindFor`). */
function kindOf({ definition, subresources }: ServedResource, subresource: string): Version['kind'] {
  const { group, version, kind } = definition;
  return (subresource === '' ? undefined : subresources.find(({ name }) => name === subresource)?.kind) ?? { group, version, kind };
}

/**
 * The version in which a webhook wants to be asked: that of the request where a rule covers it, else, by the match policy `Equivalent`, the first other
 * version of the same objects that one does. Undefined where no rule covers it.
 */
export function versionFor(hook: Pick<Hook, 'rules' | 'matchesEquivalents'>, { subject, version }: Asked, registry: Registry): Version | undefined {
  if (hook.rules.some((rule) => matchesRule(rule, subject))) return version;
  if (!hook.matchesEquivalents) return undefined;
  // A version without this subresource cannot show it.
  const others = equivalents(registry, version.served).filter(({ subresources }) => subject.subresource === '' || subresources.some((each) => each.name === subject.subresource));
  for (const rule of hook.rules) {
    for (const served of others) {
      const { group, version: name, plural } = served.definition;
      if (!matchesRule(rule, { ...subject, group, version: name, resource: plural })) continue;
      return { served, kind: kindOf(served, subject.subresource) };
    }
  }
  return undefined;
}

const known = new WeakMap<ServedResource, readonly ServedResource[]>();

/** Other resources that show the same objects; versions of a custom resource come and go together. */
function equivalents(registry: Registry, served: ServedResource): readonly ServedResource[] {
  let others = known.get(served);
  if (!others) known.set(served, (others = registry.all.filter((each) => each !== served && each.storage.group === served.storage.group && each.storage.resource === served.storage.resource)));
  return others;
}

export const isEverything = ({ requirements, nothing }: LabelSelector): boolean => requirements.length === 0 && !nothing;

/** Whether the object as it is to be, or as it was, has the labels; what has no metadata (options of a connection) has none to show. */
export function matchesObject(selector: LabelSelector, object: KubeObject | undefined, previous: KubeObject | undefined): boolean {
  return isEverything(selector) || [object, previous].some((each) => each?.metadata !== undefined && matchesLabels(selector, each.metadata.labels));
}

/**
 * Whether the namespace of a request has the labels. `labelsOf` gives those of a namespace that exists, and throws a 404. A cluster-wide object other than a
 * namespace is never left out.
 */
export async function matchesNamespace(selector: LabelSelector, { operation, namespace, subresource, object }: AdmissionAttributes, { resource }: Subject, labelsOf: (namespace: string) => Promise<Labels | undefined>): Promise<boolean> {
  if ((namespace === '' && resource !== 'namespaces') || isEverything(selector)) return true;
  // The labels that a namespace is to have count, not those that it had.
  if (resource === 'namespaces' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE')) return matchesLabels(selector, object?.metadata.labels);
  return matchesLabels(selector, await labelsOf(namespace));
}

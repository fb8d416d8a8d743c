import type { V1MatchResources, V1NamedRuleWithOperations } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { selectorOf, type Labels, type LabelSelector } from '../../../api/values/labelSelector.ts';
import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes } from '../../types.ts';
import type { Version } from '../webhooks/admittedObject.ts';
import { matchesNamespace, matchesObject, versionFor, type Asked } from '../webhooks/matchHook.ts';

/** What a policy or a binding applies to, ready to be compared with requests. */
export interface MatchCriteria {
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly rules: readonly V1NamedRuleWithOperations[];
  readonly excluded: readonly V1NamedRuleWithOperations[];
  readonly matchesEquivalents: boolean;
}

const known = new WeakMap<V1MatchResources, MatchCriteria>();

/** Made once for each version of a policy or a binding. */
export function matchCriteria(match: V1MatchResources): MatchCriteria {
  let criteria = known.get(match);
  if (!criteria) known.set(match, (criteria = readCriteria(match)));
  return criteria;
}

function readCriteria({ namespaceSelector, objectSelector, resourceRules, excludeResourceRules, matchPolicy }: V1MatchResources): MatchCriteria {
  return {
    namespaceSelector: selectorOf(namespaceSelector ?? {}),
    objectSelector: selectorOf(objectSelector ?? {}),
    rules: resourceRules ?? [],
    excluded: excludeResourceRules ?? [],
    matchesEquivalents: matchPolicy !== 'Exact',
  };
}

/**
 * The version in which a request is looked at; undefined where it is none of a policy's or a binding's business (upstream's `Matcher.Matches`). `labelsOf` gives
 * the labels of a namespace that exists and throws a 404, which is passed on only where all else matches.
 */
export async function matchedVersion(criteria: MatchCriteria, attributes: AdmissionAttributes, asked: Asked, registry: Registry, labelsOf: (namespace: string) => Promise<Labels | undefined>): Promise<Version | undefined> {
  const { matchesEquivalents } = criteria;
  const named = (rules: readonly V1NamedRuleWithOperations[]): readonly V1NamedRuleWithOperations[] => rules.filter(({ resourceNames }) => !resourceNames?.length || resourceNames.includes(attributes.name));
  const version = criteria.rules.length === 0 ? asked.version : versionFor({ rules: named(criteria.rules), matchesEquivalents }, asked, registry);
  if (!version || versionFor({ rules: named(criteria.excluded), matchesEquivalents }, asked, registry)) return undefined;
  // A scale shows no labels.
  const { object, previous } = attributes.subresource === 'scale' ? { object: undefined, previous: undefined } : attributes;
  if (!matchesObject(criteria.objectSelector, object as KubeObject | undefined, previous)) return undefined;
  return (await matchesNamespace(criteria.namespaceSelector, attributes, asked.subject, labelsOf)) ? version : undefined;
}

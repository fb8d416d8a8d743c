import type { V1PolicyRule } from '../../api/generated/types.ts';
import { urlMatches } from './rbacRules.ts';

/**
 * The parts of `wanted` that `owned` does not include (`validation.Covers`). Each part has one verb, one group and one resource
 * (and at most one name), or one verb and one URL.
 */
export function uncovered(owned: readonly V1PolicyRule[], wanted: readonly V1PolicyRule[]): V1PolicyRule[] {
  const parts = owned.flatMap(breakdown);
  return wanted.flatMap(breakdown).filter((part) => !parts.some((each) => covers(each, part)) && !owned.some((each) => covers(each, part)));
}

function breakdown(rule: V1PolicyRule): V1PolicyRule[] {
  const parts: V1PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const names = rule.resourceNames ?? [];
        if (names.length === 0) parts.push({ apiGroups: [group], resources: [resource], verbs: [verb] });
        for (const name of names) parts.push({ apiGroups: [group], resources: [resource], resourceNames: [name], verbs: [verb] });
      }
    }
    for (const url of rule.nonResourceURLs ?? []) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return parts;
}

function covers(owner: V1PolicyRule, part: V1PolicyRule): boolean {
  if (!includesAll(owner.verbs, part.verbs)) return false;
  if (part.nonResourceURLs) return part.nonResourceURLs.every((url) => (owner.nonResourceURLs ?? []).some((each) => urlMatches(each, url)));
  if (!includesAll(owner.apiGroups, part.apiGroups) || !resourcesCover(owner.resources ?? [], part.resources ?? [])) return false;
  if (!owner.resourceNames || owner.resourceNames.length === 0) return true;
  return Boolean(part.resourceNames?.length) && (part.resourceNames ?? []).every((name) => owner.resourceNames?.includes(name));
}

const includesAll = (owner: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean =>
  (owner ?? []).includes('*') || (wanted ?? []).every((each) => owner?.includes(each));

function resourcesCover(owner: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((each) => {
    const slash = each.indexOf('/');
    return owner.includes('*') || owner.includes(each) || (slash >= 0 && owner.includes(`*${each.slice(slash)}`));
  });
}

/** Joins parts that differ in their verb only (`validation.CompactRules`). */
export function compactRules(rules: readonly V1PolicyRule[]): V1PolicyRule[] {
  const bySubject = new Map<string, V1PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...rest } = rule;
    const key = JSON.stringify([rest.apiGroups, rest.resources, rest.resourceNames, rest.nonResourceURLs, rest.nonResourceURLs ? verbs : []]);
    const known = bySubject.get(key);
    if (known) known.verbs.push(...verbs);
    else bySubject.set(key, { ...rest, verbs: [...verbs] });
  }
  return [...bySubject.values()];
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function formatRule(rule: V1PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  return `{${parts.flatMap(([name, values]) => (values?.length ? [`${name}:${formatStrings(values)}`] : [])).join(', ')}}`;
}

/** As Go prints a list of quoted strings. */
export const formatStrings = (values: readonly string[]): string => `[${values.map((each) => JSON.stringify(each)).join(' ')}]`;

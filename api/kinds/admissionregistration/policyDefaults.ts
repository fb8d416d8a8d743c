import type { V1MatchResources } from '../../generated/types.ts';

/** Defaults of what a policy or a binding matches, in place. */
export function setMatchDefaults(match: V1MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ||= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ||= '*';
}

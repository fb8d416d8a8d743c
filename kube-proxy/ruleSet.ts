import { type FixedRules, JUMPS, SHARED_CHAINS } from './baseRules.ts';
import { isServiceChain } from './chains.ts';
import { RestoreInput } from './restoreInput.ts';
import type { PortRules } from './rules.ts';
import type { Standing } from './standing.ts';

type SharedName = keyof typeof SHARED_CHAINS;
const SHARED_NAMES = Object.keys(SHARED_CHAINS) as SharedName[];

/** The rules of Services, by Service: what stands in iptables, or what should. */
export type RuleSet = ReadonlyMap<string, readonly PortRules[]>;

/**
 * The input that brings what stands from `applied` to `wanted` for the Services that changed: chains of theirs are rewritten, in the
 * shared chains only their own rules come and go. `''` when nothing differs. Cost: proportional to the changed Services.
 */
export function incrementalInput(applied: RuleSet, wanted: RuleSet): string {
  const input = new RestoreInput();
  for (const [service, next] of wanted) {
    const before = merge(applied.get(service) ?? []);
    const after = merge(next);
    for (const [chain, rules] of after.chains) if (!sameRules(before.chains.get(chain), rules)) input.chain('nat', chain, rules);
    for (const chain of before.chains.keys()) if (!after.chains.has(chain)) input.drop('nat', chain);
    for (const name of SHARED_NAMES) {
      const { table, chain } = SHARED_CHAINS[name];
      for (const rule of before[name]) if (!after[name].has(rule)) input.remove(table, chain, rule);
      for (const rule of after[name]) if (!before[name].has(rule)) input.insert(table, chain, rule);
    }
  }
  return input.text();
}

/**
 * The input that sets everything up whatever stands: fixed chains, jumps, all Services; chains of Services that are gone are dropped.
 * It comes in steps, one per Service, so that the caller can do other work in between: only the last value is the input.
 */
export function* fullInput(fixed: FixedRules, wanted: RuleSet, standing: Standing): Generator<string> {
  const input = new RestoreInput();
  for (const { table, chain, rules } of fixed.chains) input.chain(table, chain, rules);
  const chains = new Set<string>();
  const shared: { readonly [Name in SharedName]: string[] } = { services: [], nodePorts: [], refusals: [], externalRefusals: [], firewall: [] };
  for (const rules of wanted.values()) {
    const merged = merge(rules);
    for (const [chain, lines] of merged.chains) {
      input.chain('nat', chain, lines);
      chains.add(chain);
    }
    for (const name of SHARED_NAMES) shared[name].push(...merged[name]);
    yield '';
  }
  shared.services.push(...fixed.nodePortEntrances);
  for (const name of SHARED_NAMES) input.chain(SHARED_CHAINS[name].table, SHARED_CHAINS[name].chain, shared[name]);
  for (const chain of standing.chains.get('nat') ?? []) if (isServiceChain(chain) && !chains.has(chain)) input.drop('nat', chain);
  // Inserted at the top one by one, so the last of a kernel chain comes first.
  for (const jump of JUMPS.toReversed()) if (!standing.jumps.has(jump)) input.insert(jump.table, jump.from, jump.rule);
  yield '';
  yield input.text();
}

type Merged = { readonly chains: Map<string, readonly string[]> } & { readonly [Name in SharedName]: Set<string> };

function merge(ports: readonly PortRules[]): Merged {
  const merged: Merged = { chains: new Map(), services: new Set(), nodePorts: new Set(), refusals: new Set(), externalRefusals: new Set(), firewall: new Set() };
  for (const port of ports) {
    for (const [chain, rules] of port.chains) merged.chains.set(chain, rules);
    for (const name of SHARED_NAMES) for (const rule of port[name]) merged[name].add(rule);
  }
  return merged;
}

function sameRules(left: readonly string[] | undefined, right: readonly string[]): boolean {
  return left !== undefined && left.length === right.length && left.every((rule, at) => rule === right[at]);
}

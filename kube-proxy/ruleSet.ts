import type { Table } from '../host/iptables.ts';
import { CANARY_CHAIN, type FixedChain, JUMPS, NODE_PORTS_TAIL, SHARED_CHAINS } from './baseRules.ts';
import type { PortRules } from './rules.ts';

type SharedName = keyof typeof SHARED_CHAINS;
const SHARED_NAMES = Object.keys(SHARED_CHAINS) as SharedName[];

/** The rules of every Service that is carried, by Service: what stands in iptables, or what should. */
export type RuleSet = ReadonlyMap<string, readonly PortRules[]>;

/** One `iptables-restore` input in the making. Chains that are declared are emptied first; that is restore's own way. */
class RestoreInput {
  readonly #tables = new Map<Table, { declarations: string[]; removals: string[]; additions: string[]; deletions: string[] }>();

  chain(table: Table, chain: string, rules: readonly string[]): void {
    const part = this.#part(table);
    part.declarations.push(`:${chain} - [0:0]`);
    for (const rule of rules) part.additions.push(`-A ${chain} ${rule}`);
  }

  add(table: Table, chain: string, rule: string): void {
    this.#part(table).additions.push(`-I ${chain} 1 ${rule}`);
  }

  remove(table: Table, chain: string, rule: string): void {
    this.#part(table).removals.push(`-D ${chain} ${rule}`);
  }

  /** Declared empty first, so that a rule which a previous failure left cannot hold it. */
  drop(table: Table, chain: string): void {
    const part = this.#part(table);
    part.declarations.push(`:${chain} - [0:0]`);
    part.deletions.push(`-X ${chain}`);
  }

  text(): string {
    return [...this.#tables].map(([table, part]) => [`*${table}`, ...part.declarations, ...part.removals, ...part.additions, ...part.deletions, 'COMMIT', ''].join('\n')).join('');
  }

  #part(table: Table): { declarations: string[]; removals: string[]; additions: string[]; deletions: string[] } {
    const known = this.#tables.get(table);
    if (known) return known;
    const part = { declarations: [], removals: [], additions: [], deletions: [] };
    this.#tables.set(table, part);
    return part;
  }
}

/**
 * The input that brings what stands from `applied` to `wanted` for the Services that changed: chains of theirs are rewritten, in the
 * shared chains only their own rules come and go. Undefined when nothing differs. Cost: proportional to the changed Services.
 */
export function incrementalInput(applied: RuleSet, wanted: ReadonlyMap<string, readonly PortRules[] | undefined>): string | undefined {
  const input = new RestoreInput();
  for (const [service, next] of wanted) {
    const before = merge(applied.get(service) ?? []);
    const after = merge(next ?? []);
    for (const [chain, rules] of after.chains) if (!sameRules(before.chains.get(chain), rules)) input.chain('nat', chain, rules);
    for (const chain of before.chains.keys()) if (!after.chains.has(chain)) input.drop('nat', chain);
    for (const name of SHARED_NAMES) {
      const { table, chain } = SHARED_CHAINS[name];
      for (const rule of before[name]) if (!after[name].has(rule)) input.remove(table, chain, rule);
      for (const rule of after[name]) if (!before[name].has(rule)) input.add(table, chain, rule);
    }
  }
  const text = input.text();
  return text === '' ? undefined : text;
}

/** The chains and jumps that stand in the kernel, by table, as `iptables-save` shows them. */
export interface Standing {
  readonly chains: ReadonlyMap<Table, ReadonlySet<string>>;
  /** Whether a kernel chain already jumps to one of ours: `table FROM TARGET`. */
  readonly jumps: ReadonlySet<string>;
}

export const jumpKey = (table: Table, from: string, target: string): string => `${table} ${from} ${target}`;
export const targetOf = (rule: string): string => rule.slice(rule.lastIndexOf('-j ') + 3);

/** The input that sets everything up whatever stands: fixed chains, jumps, all Services; chains of Services that are gone are dropped. */
export function fullInput(fixed: readonly FixedChain[], wanted: RuleSet, standing: Standing): string {
  const input = new RestoreInput();
  const all = merge([...wanted.values()].flat());
  for (const { table, chain, rules } of fixed) input.chain(table, chain, rules);
  for (const name of SHARED_NAMES) {
    const { table, chain } = SHARED_CHAINS[name];
    input.chain(table, chain, [...all[name], ...(name === 'services' ? [NODE_PORTS_TAIL] : [])]);
  }
  for (const [chain, rules] of all.chains) input.chain('nat', chain, rules);
  for (const chain of standing.chains.get('nat') ?? []) if (isServiceChain(chain) && !all.chains.has(chain)) input.drop('nat', chain);
  // Inserted at the top one by one, so the last of a kernel chain comes first.
  for (const jump of [...JUMPS].reverse()) {
    if (!standing.jumps.has(jumpKey(jump.table, jump.from, targetOf(jump.rule)))) input.add(jump.table, jump.from, jump.rule);
  }
  return input.text();
}

/** The input that removes everything of ours from the tables that stand. */
export function removalInput(fixed: readonly FixedChain[], standing: Standing): string {
  const input = new RestoreInput();
  for (const jump of JUMPS) if (standing.jumps.has(jumpKey(jump.table, jump.from, targetOf(jump.rule)))) input.remove(jump.table, jump.from, jump.rule);
  const ours = new Map<Table, Set<string>>();
  const own = (table: Table, chain: string): void => void (ours.get(table) ?? ours.set(table, new Set()).get(table)!).add(chain);
  for (const { table, chain } of fixed) own(table, chain);
  for (const { table, chain } of Object.values(SHARED_CHAINS)) own(table, chain);
  for (const chain of standing.chains.get('nat') ?? []) if (isServiceChain(chain)) own('nat', chain);
  for (const [table, chains] of ours) for (const chain of chains) if (standing.chains.get(table)?.has(chain)) input.drop(table, chain);
  return input.text();
}

export function isServiceChain(chain: string): boolean {
  return /^KUBE-(SVC|SVL|EXT|SEP)-[A-Z2-7]{16}$/.test(chain);
}

/** Whether the tables were flushed behind our back. */
export function wasFlushed(standing: Standing): boolean {
  return !standing.chains.get('nat')?.has(CANARY_CHAIN) || !standing.chains.get('filter')?.has(CANARY_CHAIN) || JUMPS.some((jump) => !standing.jumps.has(jumpKey(jump.table, jump.from, targetOf(jump.rule))));
}

type Merged = { readonly chains: Map<string, readonly string[]> } & { readonly [Name in SharedName]: Set<string> };

function merge(ports: readonly PortRules[]): Merged {
  const merged: Merged = { chains: new Map(), services: new Set(), nodePorts: new Set(), refusals: new Set(), externalRefusals: new Set() };
  for (const port of ports) {
    for (const [chain, rules] of port.chains) merged.chains.set(chain, rules);
    for (const name of SHARED_NAMES) for (const rule of port[name]) merged[name].add(rule);
  }
  return merged;
}

function sameRules(left: readonly string[] | undefined, right: readonly string[]): boolean {
  return left !== undefined && left.length === right.length && left.every((rule, at) => rule === right[at]);
}

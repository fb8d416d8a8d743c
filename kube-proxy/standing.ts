import { chainsIn, type Iptables, rulesOf, type Table } from '../host/iptables.ts';
import { CANARY_CHAIN, JUMPS, type Jump } from './baseRules.ts';

/** What of ours stands in the kernel. */
export interface Standing {
  /** All chains' names, by table. */
  readonly chains: ReadonlyMap<Table, ReadonlySet<string>>;
  /** Jumps from the kernel's chains into ours that are there. */
  readonly jumps: ReadonlySet<Jump>;
}

const TABLES = ['nat', 'filter'] as const;

/** Reads it by `iptables-save`. */
export async function readStanding(iptables: Iptables): Promise<Standing> {
  const saved = new Map<Table, string>();
  for (const table of TABLES) saved.set(table, await iptables.save(table));
  return standingIn(saved);
}

/** What of ours is in these tables' `iptables-save` outputs. */
export function standingIn(saved: ReadonlyMap<Table, string>): Standing {
  const chains = new Map<Table, ReadonlySet<string>>();
  const jumps = new Set<Jump>();
  for (const [table, text] of saved) {
    chains.set(table, chainsIn(text));
    const wanted = JUMPS.filter((jump) => jump.table === table);
    const rules = rulesOf(text, [...new Set(wanted.map(({ from }) => from))]);
    for (const jump of wanted) if (rules.get(jump.from)!.some((rule) => targetOf(rule) === targetOf(jump.rule))) jumps.add(jump);
  }
  return { chains, jumps };
}

/** Whether the tables were flushed behind our back: an emptied table has lost the jumps, a deleted one the chains too. */
export function wasFlushed({ chains, jumps }: Standing): boolean {
  return TABLES.some((table) => !chains.get(table)?.has(CANARY_CHAIN)) || JUMPS.some((jump) => !jumps.has(jump));
}

const targetOf = (rule: string): string => rule.slice(rule.lastIndexOf('-j ') + 3);

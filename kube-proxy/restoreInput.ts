import type { Table } from '../host/iptables.ts';

interface TablePart {
  readonly declarations: string[];
  readonly removals: string[];
  readonly additions: string[];
  readonly deletions: string[];
}

/** One `iptables-restore --noflush` input in the making: chains that are declared are emptied first, that is restore's own way. */
export class RestoreInput {
  readonly #tables = new Map<Table, TablePart>();

  /** The chain with these rules and no others. */
  chain(table: Table, chain: string, rules: readonly string[]): void {
    const part = this.#part(table);
    part.declarations.push(`:${chain} - [0:0]`);
    for (const rule of rules) part.additions.push(`-A ${chain} ${rule}`);
  }

  /** One more rule, at the chain's top. */
  insert(table: Table, chain: string, rule: string): void {
    this.#part(table).additions.push(`-I ${chain} 1 ${rule}`);
  }

  remove(table: Table, chain: string, rule: string): void {
    this.#part(table).removals.push(`-D ${chain} ${rule}`);
  }

  /** No such chain any more. Declared empty first, so that no rule of it can hold another chain that goes. */
  drop(table: Table, chain: string): void {
    const part = this.#part(table);
    part.declarations.push(`:${chain} - [0:0]`);
    part.deletions.push(`-X ${chain}`);
  }

  /** `''` when there is nothing to do. */
  text(): string {
    // In order, because iptables-nft 1.8 searches its list of new chains from an end for each: 4 times faster with 5,000 Services.
    return [...this.#tables].map(([table, part]) => [`*${table}`, ...part.declarations.toSorted().toReversed(), ...part.removals, ...part.additions, ...part.deletions, 'COMMIT', ''].join('\n')).join('');
  }

  #part(table: Table): TablePart {
    const known = this.#tables.get(table);
    if (known) return known;
    const part = { declarations: [], removals: [], additions: [], deletions: [] };
    this.#tables.set(table, part);
    return part;
  }
}

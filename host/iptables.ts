import { checkCommand } from './command.ts';

export type Table = 'nat' | 'filter' | 'mangle';

/** Seconds that a call waits for the lock that all iptables programs of a host share. */
const LOCK_SECONDS = '10';

export interface IptablesOptions {
  /** The program's name: `iptables`, the host's own choice, unless told; `iptables-nft` and `iptables-legacy` where both are there. */
  readonly program?: string;
  /** Words before each command, e.g. `nsenter --net=…` to stand in another host. */
  readonly prefix?: readonly string[];
}

/**
 * The host's iptables, by `iptables-restore` and `iptables-save` only: a restore is atomic per table, and one process for any number
 * of rules. Calls are made one after the other. Chains that an input does not name are never touched.
 */
export class Iptables {
  readonly #program: string;
  readonly #prefix: readonly string[];
  #last: Promise<unknown> = Promise.resolve();

  constructor({ program = 'iptables', prefix = [] }: IptablesOptions = {}) {
    this.#program = program;
    this.#prefix = prefix;
  }

  /** Applies an `iptables-restore` input (several tables are allowed) without flushing anything that it does not name; a `CommandError` says which line was refused. */
  restore(input: string): Promise<void> {
    return this.#inTurn(async () => {
      await checkCommand([...this.#prefix, `${this.#program}-restore`, '--noflush', '--wait', LOCK_SECONDS], { input, timeoutMilliseconds: 60_000 });
    });
  }

  /** The table's rules in `iptables-save` form. */
  save(table: Table): Promise<string> {
    return this.#inTurn(() => checkCommand([...this.#prefix, `${this.#program}-save`, '-t', table]));
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** Names of the chains in an `iptables-save` output. */
export function chainsIn(saved: string): Set<string> {
  return new Set([...saved.matchAll(/^:(\S+)/gm)].map((match) => match[1]!));
}

/** The rules of these chains in an `iptables-save` output, without `-A CHAIN `; one pass, however many rules others have. */
export function rulesOf(saved: string, chains: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const rules = new Map<string, string[]>(chains.map((chain) => [chain, []]));
  for (const [, chain, rule] of saved.matchAll(new RegExp(`^-A (${chains.join('|')}) (.*)$`, 'gm'))) rules.get(chain!)!.push(rule!);
  return rules;
}

import { checkCommand } from './command.ts';

export type Table = 'nat' | 'filter' | 'mangle';

/** Seconds that a call waits for the lock that all iptables programs of a host share. */
const LOCK_SECONDS = '10';

/**
 * The host's iptables, by `iptables-restore` and `iptables-save` only: a restore is atomic per table, and one process for any number
 * of rules. Calls are made one after the other. Chains that an input does not name are never touched.
 */
export class Iptables {
  #last: Promise<unknown> = Promise.resolve();

  /** Applies an `iptables-restore` input (several tables are allowed) without flushing anything that it does not name. */
  restore(input: string): Promise<void> {
    return this.#inTurn(async () => {
      await checkCommand(['iptables-restore', '--noflush', '--wait', LOCK_SECONDS], { input, timeoutMilliseconds: 60_000 });
    });
  }

  /** The table's rules in `iptables-save` form. */
  save(table: Table): Promise<string> {
    return this.#inTurn(() => checkCommand(['iptables-save', '-t', table]));
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

/** Rules of one chain in an `iptables-save` output, without `-A CHAIN `. */
export function rulesOf(saved: string, chain: string): string[] {
  const head = `-A ${chain} `;
  return saved.split('\n').filter((line) => line.startsWith(head)).map((line) => line.slice(head.length));
}

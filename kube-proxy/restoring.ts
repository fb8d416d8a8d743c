import { CommandError } from '../host/command.ts';
import type { Iptables } from '../host/iptables.ts';
import type { FixedRules } from './baseRules.ts';
import type { PortRules } from './rules.ts';
import { fullInput, incrementalInput, type RuleSet } from './ruleSet.ts';
import { readStanding } from './standing.ts';

/** Services whose rules iptables refuses, with what it says of them. */
export type Refused = ReadonlyMap<string, string>;

/**
 * Writes everything, whatever stands, without those Services whose rules iptables refuses: one bad Service must not stop all others.
 * Throws where the fixed rules themselves are refused, or iptables fails for another reason. `pause` is called between steps.
 */
export async function restoreAll(iptables: Iptables, fixed: FixedRules, wanted: RuleSet, pause: () => Promise<void>): Promise<Refused> {
  const refused = new Map<string, string>();
  const accepted = new Map(wanted);
  for (;;) {
    let input = '';
    for (const step of fullInput(fixed, accepted, await readStanding(iptables))) {
      input = step;
      await pause();
    }
    try {
      await iptables.restore(input);
      return refused;
    } catch (error) {
      const text = refusalOf(error);
      const guilty = guiltyOf(input, text, accepted);
      if (guilty.length === 0) return new Map([...refused, ...(await restoreOneByOne(iptables, fixed, accepted))]);
      for (const service of guilty) {
        refused.set(service, text);
        accepted.delete(service);
      }
    }
  }
}

/** Where iptables does not tell which line it refuses: first what stands without any Service, then the Services, by halves down to single ones. */
async function restoreOneByOne(iptables: Iptables, fixed: FixedRules, wanted: RuleSet): Promise<Refused> {
  const refused = new Map<string, string>();
  const written = new Set<string>();
  await iptables.restore([...fullInput(fixed, new Map(), await readStanding(iptables))].at(-1)!);
  const write = async (services: readonly (readonly [string, readonly PortRules[]])[]): Promise<void> => {
    const input = incrementalInput(new Map(), new Map(services));
    if (input === '') return;
    try {
      await iptables.restore(input);
    } catch (error) {
      const text = refusalOf(error);
      if (services.length === 1) {
        refused.set(services[0]![0], text);
        // A restore is atomic per table only: what another table took of it goes again.
        await iptables.restore([...fullInput(fixed, new Map([...wanted].filter(([service]) => written.has(service))), await readStanding(iptables))].at(-1)!);
        return;
      }
      const middle = services.length >> 1;
      await write(services.slice(0, middle));
      await write(services.slice(middle));
      return;
    }
    for (const [service] of services) written.add(service);
  };
  await write([...wanted]);
  return refused;
}

/** What iptables says; anything but a refusal (a timeout, no such program) is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof CommandError && error.result.code !== null && !error.result.stderr.includes(LOCKED)) return error.result.stderr.trim();
  throw error;
}

/** Of the message where another iptables program keeps the lock; the exit code is that of a refusal by the kernel, too. */
const LOCKED = 'xtables lock';

/** The Services that have the line of the input which iptables names; none where it names none or several, or one of nobody's. */
export function guiltyOf(input: string, text: string, services: RuleSet): readonly string[] {
  const numbers = [...text.matchAll(/\bline:? (\d+)/gi)].map((match) => match[1]);
  // Where the kernel refuses the whole, iptables-nft names lines that have nothing to do with it, too.
  const number = numbers.length === 1 ? numbers[0] : undefined;
  if (number === undefined) return [];
  const [, chain, rule] = /^-[AI] (\S+) (?:1 )?(.*)$/.exec(input.split('\n')[Number(number) - 1] ?? '') ?? [];
  if (chain === undefined || rule === undefined) return [];
  return [...services].filter(([, ports]) => ports.some((port) => port.chains.has(chain) || [port.services, port.nodePorts, port.refusals, port.externalRefusals, port.firewall].some((rules) => rules.includes(rule)))).map(([service]) => service);
}

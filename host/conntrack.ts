import { CommandError, runCommand } from './command.ts';

/** Which UDP flows to forget: by their original destination and, if given, where they were translated to. */
export interface FlowFilter {
  readonly protocol: 'udp' | 'sctp';
  /** Original destination address, e.g. a cluster IP. */
  readonly originalDestination?: string;
  /** Original destination port, for node ports. */
  readonly originalPort?: number;
  /** Address the flow was translated to. */
  readonly natDestination?: string;
}

/** Deletes matching conntrack entries; that there are none is fine. */
export async function forgetFlows(filter: FlowFilter): Promise<void> {
  const words = ['conntrack', '-D', '-p', filter.protocol];
  if (filter.originalDestination !== undefined) words.push('--orig-dst', filter.originalDestination);
  if (filter.originalPort !== undefined) words.push('--dport', String(filter.originalPort));
  if (filter.natDestination !== undefined) words.push('--dst-nat', filter.natDestination);
  const result = await runCommand(words);
  if (result.code !== 0 && !/0 flow entries/.test(result.stderr)) throw new CommandError(words, result);
}

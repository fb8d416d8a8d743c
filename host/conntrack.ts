import { checkCommand, CommandError, runCommand } from './command.ts';

/** One direction's ends of a flow that the kernel follows; `replySource` is who really answers. */
export interface Flow {
  readonly destination: string;
  readonly destinationPort: number;
  readonly replySource: string;
  readonly replySourcePort: number;
}

/** UDP flows that the kernel follows, and translates as it did for their first packet. */
export class Conntrack {
  readonly #prefix: readonly string[];

  /** `prefix`: words before each command, e.g. `nsenter --net=…` to stand in another host. */
  constructor(prefix: readonly string[] = []) {
    this.#prefix = prefix;
  }

  /** The flows over IPv4; many may be alike, as their source is not told. */
  async udpFlows(): Promise<readonly Flow[]> {
    return parseFlows(await checkCommand([...this.#prefix, 'conntrack', '-L', '-f', 'ipv4', '-p', 'udp']));
  }

  /** Forgets all flows to a port, whoever answers; of an address alone where one is given. */
  forgetPort(port: number, address = ''): Promise<void> {
    return this.#delete(['--orig-port-dst', String(port), ...(address === '' ? [] : ['--orig-dst', address])]);
  }

  /** Forgets all flows of these ends, whatever their source; that there are none is fine. */
  async forget(flow: Flow): Promise<void> {
    await this.#delete(['--orig-dst', flow.destination, '--orig-port-dst', String(flow.destinationPort), '--reply-src', flow.replySource, '--reply-port-src', String(flow.replySourcePort)]);
  }

  async #delete(filter: readonly string[]): Promise<void> {
    const command = [...this.#prefix, 'conntrack', '-D', '-f', 'ipv4', '-p', 'udp', ...filter];
    const result = await runCommand(command);
    if (result.code !== 0 && !/\b0 flow entries/.test(result.stderr)) throw new CommandError(command, result);
  }
}

/** Reads what `conntrack -L` prints. */
export function parseFlows(listing: string): Flow[] {
  const flows: Flow[] = [];
  for (const line of listing.split('\n')) {
    const ends = /dst=(\S+) sport=\d+ dport=(\d+) .*?src=(\S+) dst=\S+ sport=(\d+)/.exec(line);
    if (ends) flows.push({ destination: ends[1]!, destinationPort: Number(ends[2]), replySource: ends[3]!, replySourcePort: Number(ends[4]) });
  }
  return flows;
}

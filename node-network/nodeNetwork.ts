import type { V1Node } from '../api/generated/types.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { Nodes } from '../client/resources.ts';
import type { Informer, InformerFactory } from '../client/types.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { networkSteps, type Step } from './difference.ts';
import { type Kernel, readHostState } from './kernel.ts';
import { masqueradeInput, masqueradeRemoval, masqueradeRules, type MasqueradeSettings, masqueradeStands } from './masquerade.ts';
import { writeNotice } from './notice.ts';
import { peerOf, peersOf } from './peers.ts';
import { type Mode, NOTHING, type NetworkSettings, type Wanted, wantedNetwork } from './wanted.ts';

export interface NodeNetworkSettings extends NetworkSettings, MasqueradeSettings {
  readonly mode: Mode;
  /** Where the kubelet is told the pods' MTU. */
  readonly noticeFile: string;
  /** How often the kernel is looked at, in case somebody else changed it, in milliseconds. */
  readonly syncPeriod: number;
}

export interface NodeNetworkDependencies {
  readonly informers: InformerFactory;
  readonly kernel: Kernel;
  /** Whether another network was put in the place of ours; then `auto` is `none`. */
  readonly hasOtherNetwork: () => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_MILLISECONDS = 1000;
/** Interfaces and routes are looked at this many times for one look at iptables, which may hold thousands of rules, and at kernel parameters. */
const LOOKS_PER_THOROUGH_ONE = 6;

/** Nodes -> wanted network -> steps that bring the kernel there. What stands stays when the component ends, so that a restart is not felt. */
export class NodeNetwork {
  readonly #settings: NodeNetworkSettings;
  readonly #nodes: Informer<V1Node>;
  readonly #kernel: Kernel;
  readonly #hasOtherNetwork: () => Promise<boolean>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #changed = false;
  #wake: () => void = () => undefined;
  /** What was said last of each matter, so that it is said once. */
  readonly #said = new Map<string, string>();
  #masquerade: readonly string[] | undefined;

  constructor(settings: NodeNetworkSettings, { informers, kernel, hasOtherNetwork, clock, logger }: NodeNetworkDependencies) {
    this.#settings = settings;
    this.#kernel = kernel;
    this.#hasOtherNetwork = hasOtherNetwork;
    this.#clock = clock;
    this.#logger = logger;
    this.#nodes = informers.informer(Nodes);
    const onChange = (): void => {
      this.#changed = true;
      this.#wake();
    };
    this.#nodes.addHandler({
      added: onChange,
      // Nodes report often, and seldom anything that matters here.
      updated: (before, node) => (before.metadata.uid === node.metadata.uid && deepEqual(peerOf(before), peerOf(node)) ? undefined : onChange()),
      deleted: onChange,
    });
  }

  /** Runs until the signal; the informers must have synced. */
  async run(signal: AbortSignal): Promise<void> {
    for (let look = 0; !signal.aborted; look += 1) {
      this.#changed = false;
      try {
        await this.#sync(look % LOOKS_PER_THOROUGH_ONE === 0);
        this.#say('failure', '');
      } catch (error) {
        // The same failure each second is said once.
        if (this.#say('failure', String(error))) this.#logger.error('cannot bring the network between nodes to what it should be; it is tried again each second', { error });
        await this.#clock.sleep(RETRY_MILLISECONDS, signal);
        continue;
      }
      await this.#untilChange(signal);
    }
  }

  /** `thorough`: also what costs more to look at, and seldom changes. */
  async #sync(thorough: boolean): Promise<void> {
    const { device, clusterCIDR, nodeName, noticeFile } = this.#settings;
    const mode = await this.#mode();
    const peers = peersOf(this.#nodes.list());
    const standing = await readHostState(this.#kernel, device, clusterCIDR);
    const wanted = wantedNetwork(mode, peers, standing.links, this.#settings);
    await writeNotice(noticeFile, wanted.mtu === undefined ? undefined : { mtu: wanted.mtu });
    const podCIDRs = peers.find(({ name }) => name === nodeName)?.podCIDRs ?? [];
    await this.#writeMasquerade(mode === 'none' ? undefined : masqueradeRules(podCIDRs, this.#settings), thorough);
    if (mode !== 'none' && thorough) await this.#setParameter('net.ipv4.ip_forward', '1');
    const steps = networkSteps(wanted, standing, device);
    if (this.#say('steps', JSON.stringify(steps)) && steps.length > 0) this.#logger.info('changing the network between nodes', { steps });
    const failures = await this.#carryOut(steps);
    // Both ends agree on the way, but what the host itself sends may bear another of its addresses.
    if (wanted.tunnel !== undefined && failures.length === 0 && (thorough || steps.length > 0)) await this.#setParameter(`net.ipv4.conf.${device}.rp_filter`, '2');
    this.#tellCutOff(wanted);
    if (failures.length > 0) throw failures[0];
  }

  /** All of them, whatever becomes of each: a kernel without tunnels still has routes. Gives what failed. */
  async #carryOut(steps: readonly Step[]): Promise<readonly Error[]> {
    const failures: Error[] = [];
    for (const { program, lines } of steps) {
      try {
        await this.#kernel.links.batch(program, lines);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    return failures;
  }

  async #mode(): Promise<Mode> {
    const { mode } = this.#settings;
    const effective = mode === 'auto' && (await this.#hasOtherNetwork()) ? 'none' : mode;
    if (this.#say('mode', effective)) this.#logger.info('way to other nodes', { mode, effective });
    return effective;
  }

  /** Undefined: neither chain nor jump. */
  async #writeMasquerade(rules: readonly string[] | undefined, looks: boolean): Promise<void> {
    const { iptables } = this.#kernel;
    if (!looks && deepEqual(this.#masquerade, rules)) return;
    const saved = await iptables.save('nat');
    const isSame = deepEqual(this.#masquerade, rules);
    const input = rules === undefined ? masqueradeRemoval(saved) : isSame && masqueradeStands(rules, saved) ? '' : masqueradeInput(rules, saved);
    if (input !== '') await iptables.restore(input);
    this.#masquerade = rules;
  }

  async #setParameter(name: string, value: string): Promise<void> {
    const failure = await this.#kernel.setSysctl(name, value);
    if (this.#say(name, failure ?? '') && failure !== undefined) this.#logger.warn('cannot set a kernel parameter; pods of other nodes may not be reached', { name, value, reason: failure });
  }

  #tellCutOff({ cutOff }: Wanted): void {
    if (this.#say('cutOff', cutOff.join(' ')) && cutOff.length > 0) {
      this.#logger.warn('no way to the pods of these nodes: they are on another segment and the mode is direct, or this node has no subnet or link yet', { nodes: cutOff });
    }
  }

  /** Whether this was not what was said last. */
  #say(matter: string, text: string): boolean {
    const isNew = (this.#said.get(matter) ?? '') !== text;
    this.#said.set(matter, text);
    return isNew;
  }

  async #untilChange(signal: AbortSignal): Promise<void> {
    if (this.#changed || signal.aborted) return;
    const wake = new AbortController();
    const stop = (): void => wake.abort();
    this.#wake = stop;
    signal.addEventListener('abort', stop, { once: true });
    await this.#clock.sleep(this.#settings.syncPeriod, wake.signal);
    signal.removeEventListener('abort', stop);
    this.#wake = () => undefined;
  }
}

/** Takes everything of ours between nodes off the host, for a cluster that is taken down. */
export async function removeNodeNetwork(kernel: Kernel, device: string, clusterCIDR: string): Promise<void> {
  const standing = await readHostState(kernel, device, clusterCIDR);
  for (const { program, lines } of networkSteps(NOTHING, standing, device)) await kernel.links.batch(program, lines);
  const input = masqueradeRemoval(await kernel.iptables.save('nat'));
  if (input !== '') await kernel.iptables.restore(input);
}

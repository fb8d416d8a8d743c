import { readdir, readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { Conntrack } from '../../host/conntrack.ts';
import type { Logger } from '../../process/log.ts';
import type { PodIdentity, Sandbox } from '../runtime/types.ts';
import type { HostPort, HostPorts } from './hostPorts.ts';
import { bridgeName, defaultNetwork, type NetworkConfigList, parseNetworkConfig } from './networkConfig.ts';
import { callPlugin, type CNIResult, type PluginCall, type PluginRunner } from './plugin.ts';
import type { PodNetwork } from './types.ts';
import { isMissing } from '../errorText.ts';
import { RecordFolder } from '../recordFolder.ts';

export interface CNIOptions {
  /** Where another network may have put its configuration; the first file by name is taken. */
  readonly confDir: string;
  readonly binDirs: readonly string[];
  /** Own state: what was given to which sandbox. */
  readonly stateDir: string;
  readonly instance: string;
  /** The largest packet that pods may send, in bytes; undefined for the kernel's default. Asked for each pod. */
  readonly mtu: () => Promise<number | undefined>;
  /** The node's pod subnets; empty until they are assigned. */
  readonly podCIDRs: () => readonly string[];
  readonly run: PluginRunner;
  readonly hostPorts: HostPorts;
  readonly flows: Pick<Conntrack, 'forgetPort'>;
  readonly logger: Logger;
}

/** Kept on disk from before the first ADD until after the last DEL, which needs the configuration and the result. */
interface Attachment {
  readonly sandboxId: string;
  readonly pod: PodIdentity;
  readonly config: NetworkConfigList;
  readonly result?: CNIResult;
  readonly hostPorts?: readonly HostPort[];
}

const INTERFACE = 'eth0';
/** The kubelet's own words where no network can be had. */
const NOT_INITIALIZED = 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

/** The pods' network by CNI plugins. */
export class CNINetwork implements PodNetwork {
  readonly #options: CNIOptions;
  readonly #records: RecordFolder<Attachment>;
  readonly #attachments: Map<string, Attachment>;

  private constructor(options: CNIOptions, folder: RecordFolder<Attachment>, attachments: readonly Attachment[]) {
    this.#options = options;
    this.#records = folder;
    this.#attachments = new Map(attachments.map((attachment) => [attachment.sandboxId, attachment]));
  }

  /** Takes up what a kubelet before has attached. */
  static async open(options: CNIOptions): Promise<CNINetwork> {
    const { folder, records } = await RecordFolder.open<Attachment>(join(options.stateDir, 'results'));
    return new CNINetwork(options, folder, records);
  }

  async notReady(): Promise<string | undefined> {
    return (await this.#config()) ? undefined : NOT_INITIALIZED;
  }

  addresses(sandboxId: string): readonly string[] {
    return (this.#attachments.get(sandboxId)?.result?.ips ?? []).map(({ address }) => address.split('/')[0] ?? address);
  }

  async attach(sandbox: Sandbox, hostPorts: readonly HostPort[] = []): Promise<readonly string[]> {
    if (this.#attachments.get(sandbox.id)?.result) return this.addresses(sandbox.id);
    const config = await this.#config();
    if (!config) throw new Error(NOT_INITIALIZED);
    const attachment: Attachment = { sandboxId: sandbox.id, pod: sandbox.pod, config, hostPorts };
    await this.#keep(attachment);
    let result: CNIResult | undefined;
    for (const plugin of config.plugins) {
      result = await callPlugin(this.#options.run, this.#call('ADD', attachment, sandbox.pid), { ...plugin, cniVersion: config.cniVersion, name: config.name, ...(result ? { prevResult: result } : {}) });
    }
    await this.#keep({ ...attachment, result: result ?? {} });
    const addresses = this.addresses(sandbox.id);
    if (addresses.length === 0) throw new Error(`network "${config.name}" gave no address`);
    if (hostPorts.length > 0) await this.#writeHostPorts();
    await this.#forgetFlows(hostPorts);
    return addresses;
  }

  /** The kernel sends a UDP flow where its first packet went, even where that was before this pod, for as long as packets come. */
  async #forgetFlows(hostPorts: readonly HostPort[]): Promise<void> {
    for (const { protocol, hostIP, hostPort } of hostPorts) {
      if (protocol !== 'udp') continue;
      await this.#options.flows.forgetPort(hostPort, hostIP).catch((error: unknown) => this.#options.logger.warn('flows to a host port of before this pod could not be forgotten', { hostPort, error }));
    }
  }

  async detach(sandbox: Pick<Sandbox, 'id' | 'pod' | 'pid'>): Promise<void> {
    const attachment = this.#attachments.get(sandbox.id);
    if (!attachment) return;
    const { config, result } = attachment;
    for (const plugin of [...config.plugins].reverse()) {
      await callPlugin(this.#options.run, this.#call('DEL', attachment, sandbox.pid), { ...plugin, cniVersion: config.cniVersion, name: config.name, ...(result ? { prevResult: result } : {}) });
    }
    await this.#records.remove(sandbox.id);
    this.#attachments.delete(sandbox.id);
    if (attachment.hostPorts?.length) await this.#writeHostPorts();
  }

  async collect(existingSandboxIds: ReadonlySet<string>): Promise<void> {
    for (const { sandboxId, pod } of this.#attachments.values()) {
      if (existingSandboxIds.has(sandboxId)) continue;
      this.#options.logger.info('giving back the address of a sandbox that is gone', { sandboxId, pod: `${pod.namespace}/${pod.name}` });
      await this.detach({ id: sandboxId, pod, pid: 0 });
    }
    // After a reboot, or when somebody has flushed the tables, they are gone.
    if ([...this.#attachments.values()].some(({ hostPorts }) => hostPorts?.length)) await this.#writeHostPorts();
  }

  #writeHostPorts(): Promise<void> {
    return this.#options.hostPorts.write(() =>
      [...this.#attachments.values()].flatMap(({ sandboxId, pod, hostPorts = [] }) => {
        const address = this.addresses(sandboxId).find((each) => isIPv4(each));
        return hostPorts.length === 0 || address === undefined ? [] : [{ pod: `${pod.namespace}/${pod.name}`, sandboxId, address, ports: hostPorts }];
      }),
    );
  }

  async #keep(attachment: Attachment): Promise<void> {
    await this.#records.keep(attachment.sandboxId, attachment);
    this.#attachments.set(attachment.sandboxId, attachment);
  }

  #call(command: 'ADD' | 'DEL', { sandboxId, pod }: Attachment, pid: number): PluginCall {
    return {
      command,
      containerId: sandboxId,
      netns: pid === 0 ? '' : `/proc/${pid}/ns/net`,
      interfaceName: INTERFACE,
      args: { IgnoreUnknown: '1', K8S_POD_NAMESPACE: pod.namespace, K8S_POD_NAME: pod.name, K8S_POD_INFRA_CONTAINER_ID: sandboxId, K8S_POD_UID: pod.uid },
      binDirs: this.#options.binDirs,
    };
  }

  /** Another network's configuration where there is one, else ours as soon as the node has a subnet. */
  async #config(): Promise<NetworkConfigList | undefined> {
    const { confDir, stateDir, instance, mtu } = this.#options;
    const foreign = (await namesIn(confDir)).filter((name) => /\.(conf|conflist|json)$/.test(name)).sort()[0];
    if (foreign !== undefined) return parseNetworkConfig(await readFile(join(confDir, foreign), 'utf8'));
    const podCIDRs = this.#options.podCIDRs();
    if (podCIDRs.length === 0) return undefined;
    return defaultNetwork({ podCIDRs, bridge: bridgeName(instance), mtu: await mtu(), dataDir: join(stateDir, 'networks') });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

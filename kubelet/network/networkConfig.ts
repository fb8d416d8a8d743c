import { createHash } from 'node:crypto';

/** One plugin's configuration, and the list that it stands in (CNI specification). */
export interface PluginConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface NetworkConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly PluginConfig[];
}

export interface DefaultNetwork {
  /** The node's pod subnets. */
  readonly podCIDRs: readonly string[];
  readonly bridge: string;
  readonly mtu: number | undefined;
  /** Where host-local keeps which address is whose. */
  readonly dataDir: string;
}

/** `cni0`, or for another instance of the cluster on this host a name of its own; the kernel takes 15 characters. */
export function bridgeName(instance: string): string {
  if (instance === '') return 'cni0';
  return `cni-${createHash('sha256').update(instance).digest('hex').slice(0, 8)}`;
}

/** The network where no other one is configured: a bridge with the node's pod subnet. What leaves the cluster is masqueraded by `node-network`, and nothing else. */
export function defaultNetwork({ podCIDRs, bridge, mtu, dataDir }: DefaultNetwork): NetworkConfigList {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        // The node may have been deleted and made again, with another subnet.
        forceAddress: true,
        ipMasq: false,
        // A pod reaches itself through a Service.
        hairpinMode: true,
        ...(mtu === undefined ? {} : { mtu }),
        ipam: {
          type: 'host-local',
          dataDir,
          ranges: podCIDRs.map((subnet) => [{ subnet }]),
          routes: podCIDRs.map((subnet) => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' })),
        },
      },
    ],
  };
}

/** Reads a `.conflist`, or a `.conf` or `.json` of a single plugin; throws where it is neither. */
export function parseNetworkConfig(text: string): NetworkConfigList {
  const parsed = JSON.parse(text) as Partial<NetworkConfigList> & Partial<PluginConfig>;
  if (typeof parsed.name !== 'string') throw new Error('a network configuration needs a name');
  const cniVersion = typeof parsed.cniVersion === 'string' ? parsed.cniVersion : '0.2.0';
  if (Array.isArray(parsed.plugins)) return { cniVersion, name: parsed.name, plugins: parsed.plugins as readonly PluginConfig[] };
  if (typeof parsed.type !== 'string') throw new Error('a network configuration needs plugins, or a type');
  return { cniVersion, name: parsed.name, plugins: [parsed as PluginConfig] };
}

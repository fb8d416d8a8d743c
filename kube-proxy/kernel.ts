import { networkInterfaces } from 'node:os';
import { Conntrack } from '../host/conntrack.ts';
import { Iptables } from '../host/iptables.ts';
import { setSysctl } from '../host/sysctl.ts';

/** The kernel whose rules the proxy writes. */
export interface Kernel {
  readonly iptables: Iptables;
  readonly conntrack: Conntrack;
  /** The IPv4 addresses at which node ports answer now. */
  nodeAddresses(): ReadonlySet<string>;
  /** Sets a parameter; gives the reason where that fails. */
  setSysctl(name: string, value: string): Promise<string | undefined>;
}

/** This process' own. */
export function ownKernel(): Kernel {
  return {
    iptables: new Iptables(),
    conntrack: new Conntrack(),
    nodeAddresses: () => new Set(Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address))),
    setSysctl,
  };
}

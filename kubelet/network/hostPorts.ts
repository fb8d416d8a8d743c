import type { V1Pod } from '../../api/generated/types.ts';
import { chainName } from '../../host/chainName.ts';
import { chainsIn, type Iptables, rulesOf } from '../../host/iptables.ts';

/** A port of the node that leads to a pod. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `''`: every address of the node. */
  readonly hostIP: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** The host ports of a pod on a sandbox with this address. */
export interface PodHostPorts {
  /** `namespace/name`, for the rules' comments. */
  readonly pod: string;
  readonly sandboxId: string;
  readonly address: string;
  readonly ports: readonly HostPort[];
}

const CHAIN = 'KUBE-HOSTPORTS';
const JUMP = '-m comment --comment "kube hostport portals" -m addrtype --dst-type LOCAL -j KUBE-HOSTPORTS';
const ENTRANCES = ['PREROUTING', 'OUTPUT'] as const;

/** What the pod's containers ask for; none on the host's own network, where they listen themselves. */
export function hostPortsOf(pod: V1Pod): readonly HostPort[] {
  const spec = pod.spec;
  if (spec === undefined || spec.hostNetwork) return [];
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')];
  return containers.flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, containerPort, hostIP, protocol }) =>
      hostPort ? [{ protocol: (protocol ?? 'TCP').toLowerCase() as HostPort['protocol'], hostIP: hostIP === undefined || hostIP === '0.0.0.0' ? '' : hostIP, hostPort, containerPort }] : [],
    ),
  );
}

/** Writes the host ports of all pods of this node into iptables, next to kube-proxy's chains, whose mark masquerades what needs it. */
export class HostPorts {
  readonly #iptables: Iptables;
  #last: Promise<unknown> = Promise.resolve();

  constructor(iptables: Iptables) {
    this.#iptables = iptables;
  }

  /** Makes these the ports that are open, whatever stood; `pods` is asked when it is this call's turn. */
  write(pods: () => readonly PodHostPorts[]): Promise<void> {
    const run = async (): Promise<void> => this.#iptables.restore(hostPortsInput(pods(), await this.#iptables.save('nat')));
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** The `iptables-restore` input of these pods' host ports, given the nat table as `iptables-save` shows it. */
export function hostPortsInput(pods: readonly PodHostPorts[], saved: string): string {
  const chains = new Map<string, readonly string[]>();
  const entries: string[] = [];
  for (const { pod, sandboxId, address, ports } of pods) {
    for (const { protocol, hostIP, hostPort, containerPort } of ports) {
      const chain = chainName('KUBE-HP-', `${sandboxId}${protocol}${hostIP}${hostPort}`);
      const comment = `-m comment --comment "${pod} hostport ${hostPort}"`;
      entries.push(`${comment}${hostIP === '' ? '' : ` -d ${hostIP}`} -m ${protocol} -p ${protocol} --dport ${hostPort} -j ${chain}`);
      // What comes from the pod itself or from loopback would not find back; the mark is kube-proxy's.
      const masquerade = [address, '127.0.0.0/8'].map((source) => `${comment} -s ${source} -j KUBE-MARK-MASQ`);
      chains.set(chain, [...masquerade, `${comment} -m ${protocol} -p ${protocol} -j DNAT --to-destination ${address}:${containerPort}`]);
    }
  }
  const standing = chainsIn(saved);
  const gone = [...standing].filter((chain) => chain.startsWith('KUBE-HP-') && !chains.has(chain));
  const jumps = rulesOf(saved, ENTRANCES);
  return [
    '*nat',
    ...[CHAIN, ...chains.keys(), ...gone].map((chain) => `:${chain} - [0:0]`),
    // kube-proxy may not have come yet; naming its chain would empty it otherwise.
    ...(standing.has('KUBE-MARK-MASQ') ? [] : [':KUBE-MARK-MASQ - [0:0]', '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000']),
    ...entries.map((rule) => `-A ${CHAIN} ${rule}`),
    ...[...chains].flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    // Behind kube-proxy's own jump, as Services go first; it puts that one at the top.
    ...ENTRANCES.filter((from) => !jumps.get(from)!.some((rule) => rule.endsWith(`-j ${CHAIN}`))).map((from) => `-A ${from} ${JUMP}`),
    ...gone.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n');
}

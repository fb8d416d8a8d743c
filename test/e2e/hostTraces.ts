import type { RigHost } from '../rig/host.ts';
import { delay, eventually } from '../rig/processes.ts';

/** Of mounts those that were made since the host began. A process that has ended and that nobody has asked about yet is none. */
const SCRIPT = `
iptables-save | grep -vE '^([#*C]|:[A-Z]+ ACCEPT)' | sed 's/ \\[.*//' | sort
ip -o link | awk '{print $2}' | sed 's/@.*//' | sort
ip route
awk '{print $1, $5}' /proc/self/mountinfo | grep -vxFf /run/rig/mounts | sed 's/^[0-9]* //' | sort
ps -e -o stat=,comm= | awk '$1 !~ /^Z/ { print $2 }' | grep -vE '^(ps|sh|awk|sort|grep|sed|sleep)$' | sort
for each in net/ipv4/ip_forward net/ipv4/conf/all/route_localnet net/bridge/bridge-nf-call-iptables; do echo $each $(cat /proc/sys/$each); done
find /sys/fs/cgroup -type d -path '*kubepods*'
`;

const BOUND = 60_000;

const look = (host: RigHost): Promise<string> => host.check(['sh', '-c', SCRIPT]);

/**
 * Everything that a cluster could leave behind in the kernel: rules, links, routes, mounts, processes, sysctls, cgroups.
 * Empty built-in chains, which are there as soon as somebody looks, are no trace. What just begins or ends on the host is waited for: it is what
 * was found twice in a row.
 */
export async function hostTraces(host: RigHost): Promise<string> {
  let last = await look(host);
  return eventually('nothing begins or ends on the host', BOUND, async () => {
    await delay(500);
    const before = last;
    last = await look(host);
    return last === before ? last : undefined;
  });
}

/** The traces as soon as they are those of before, or what they are after a time: the kernel takes away links of a namespace, and the host its last processes, when they come to it. */
export async function tracesUntil(host: RigHost, before: string): Promise<string> {
  let now = '';
  await eventually('the traces are those of before', BOUND, async () => ((now = await look(host)) === before ? true : undefined)).catch(() => undefined);
  return now;
}

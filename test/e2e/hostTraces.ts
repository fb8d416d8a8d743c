import type { RigHost } from '../rig/host.ts';

const SCRIPT = `
iptables-save | grep -vE '^([#*C]|:[A-Z]+ ACCEPT)' | sed 's/ \\[.*//' | sort
ip -o link | awk '{print $2}' | sed 's/@.*//' | sort
ip route
awk '{print $5}' /proc/self/mountinfo | sort
ps -e -o comm= | grep -vE '^(ps|sh|awk|sort|grep|sed|sleep)$' | sort
for each in net/ipv4/ip_forward net/ipv4/conf/all/route_localnet net/bridge/bridge-nf-call-iptables; do echo $each $(cat /proc/sys/$each); done
find /sys/fs/cgroup -type d -path '*kubepods*'
`;

/**
 * Everything that a cluster could leave behind in the kernel: rules, links, routes, mounts, processes, sysctls, cgroups.
 * Empty built-in chains, which are there as soon as somebody looks, are no trace.
 */
export function hostTraces(host: RigHost): Promise<string> {
  return host.check(['sh', '-c', SCRIPT]);
}

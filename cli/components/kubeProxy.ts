import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { defaultProxySettings, start } from '../../kube-proxy/main.ts';
import { booleanFlag, durationFlag, FlagError, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';

export const kubeProxy = defineComponent({
  name: 'kube-proxy',
  summary: 'carries Services on this node',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, kube-proxy.conf of the cluster'),
    'iptables-sync-period': durationFlag(defaultProxySettings.syncPeriod, "how often the kernel's rules are compared with what they should be"),
    'masquerade-all': booleanFlag(false, 'give everything that is sent to a cluster IP the address of its node, pods too'),
    'nodeport-addresses': listFlag([], "ranges of the host's addresses at which node ports answer, or primary for the node's own; unless given, all"),
    'healthz-port': integerFlag(0, "port at which load balancers ask for this node's health, on all addresses; 0: 10256, or that of --port-base"),
    'metrics-port': integerFlag(0, 'port of health and metrics, on loopback; 0: 10249, or that of --port-base'),
  },
  start: (values, { paths, ports, nodeName, nodeAddress, clusterCIDR, serviceCIDR }, context) =>
    start(
      {
        client: loadKubeconfig(values.kubeconfig || join(paths.kubernetes, 'kube-proxy.conf')),
        nodeName,
        clusterCIDR,
        serviceCIDR,
        masqueradeAll: values['masquerade-all'],
        nodePortAddresses: values['nodeport-addresses'].map((range) => addressRange(range, nodeAddress)),
        healthzPort: values['healthz-port'] || ports.proxyHealth,
        syncPeriod: values['iptables-sync-period'],
        healthPort: values['metrics-port'] || ports.proxyMetrics,
      },
      context,
    ),
});

function addressRange(text: string, nodeAddress: string): string {
  if (text === 'primary') return `${nodeAddress}/32`;
  const [address = '', bits = ''] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) throw new FlagError(`invalid argument for "--nodeport-addresses": "${text}" is neither "primary" nor an IPv4 range`);
  return text;
}

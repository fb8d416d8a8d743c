import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { defaultProxySettings, start } from '../../kube-proxy/main.ts';
import { durationFlag, integerFlag, stringFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';

export const kubeProxy = defineComponent({
  name: 'kube-proxy',
  summary: 'carries Services on this node',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, kube-proxy.conf of the cluster'),
    'iptables-sync-period': durationFlag(defaultProxySettings.syncPeriod, "how often the kernel's rules are compared with what they should be"),
    'metrics-port': integerFlag(0, 'port of health and metrics, on loopback; 0: 10249, or that of --port-base'),
  },
  start: (values, { paths, ports, nodeName, clusterCIDR, serviceCIDR }, context) =>
    start(
      {
        client: loadKubeconfig(values.kubeconfig || join(paths.kubernetes, 'kube-proxy.conf')),
        nodeName,
        clusterCIDR,
        serviceCIDR,
        syncPeriod: values['iptables-sync-period'],
        healthPort: values['metrics-port'] || ports.proxyMetrics,
      },
      context,
    ),
});

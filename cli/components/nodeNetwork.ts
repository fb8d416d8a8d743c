import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { bridgeName } from '../../kubelet/network/networkConfig.ts';
import { defaultNodeNetworkSettings, start, tunnelName } from '../../node-network/main.ts';
import { durationFlag, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { defineComponent } from '../component.ts';

/** Where the kubelet is told what the network between the nodes needs of it. */
export const nodeNetworkNotice = ({ paths }: ClusterSettings): string => join(paths.run, 'node-network.json');

export const nodeNetwork = defineComponent({
  name: 'node-network',
  summary: "keeps this node's ways to the pods of the other nodes",
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, node-network.conf of the cluster'),
    'vxlan-id': integerFlag(defaultNodeNetworkSettings.vni, "the tunnel's number, the same on all nodes"),
    'vxlan-port': integerFlag(defaultNodeNetworkSettings.port, "the tunnel's UDP port, the same on all nodes"),
    'non-masquerade-cidrs': listFlag(defaultNodeNetworkSettings.nonMasqueradeCIDRs, "destinations outside the cluster that see pods' own addresses"),
    'sync-period': durationFlag(defaultNodeNetworkSettings.syncPeriod, "how often the kernel's routes are compared with what they should be"),
  },
  start: (values, settings, context) =>
    start(
      {
        client: loadKubeconfig(values.kubeconfig || join(settings.paths.kubernetes, 'node-network.conf')),
        nodeName: settings.nodeName,
        nodeAddress: settings.nodeAddress,
        clusterCIDR: settings.clusterCIDR,
        mode: settings.nodeNetworkMode,
        device: tunnelName(settings.instance),
        vni: values['vxlan-id'],
        port: values['vxlan-port'],
        bridge: bridgeName(settings.instance),
        nonMasqueradeCIDRs: values['non-masquerade-cidrs'],
        syncPeriod: values['sync-period'],
        noticeFile: nodeNetworkNotice(settings),
        cniConfDir: settings.paths.cniConfiguration,
      },
      context,
    ),
});

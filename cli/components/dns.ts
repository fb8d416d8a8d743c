import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { start } from '../../dns/main.ts';
import { integerFlag, stringFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';

export const dns = defineComponent({
  name: 'dns',
  summary: 'the cluster DNS of this node',
  flags: {
    kubeconfig: stringFlag('', 'how to reach the API server; unless given, dns.conf of the cluster'),
    port: integerFlag(0, "port on the node's address; 0: 10053, or that of --port-base"),
    'resolv-conf': stringFlag('/etc/resolv.conf', 'where the servers for other names are found'),
  },
  start: (values, { paths, ports, nodeName, nodeAddress, dnsAddress, clusterDomain }, context) =>
    start(
      {
        client: loadKubeconfig(values.kubeconfig || join(paths.kubernetes, 'dns.conf')),
        nodeName,
        address: nodeAddress,
        port: values.port || ports.dns,
        clusterIP: dnsAddress,
        domain: clusterDomain,
        resolvConf: existsSync(values['resolv-conf']) ? readFileSync(values['resolv-conf'], 'utf8') : '',
      },
      context,
    ),
});

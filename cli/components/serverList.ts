import { join } from 'node:path';
import { stringFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';
import { keepServerList } from '../node/serverList.ts';

export const serverList = defineComponent({
  name: 'server-list',
  summary: "keeps this node's list of the cluster's API servers",
  flags: { kubeconfig: stringFlag('', 'how to reach the API server; unless given, node-network.conf of the cluster') },
  start: (values, settings, context) => keepServerList(settings, values.kubeconfig || join(settings.paths.kubernetes, 'node-network.conf'), context),
});

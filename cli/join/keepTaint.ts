import { join } from 'node:path';
import { ApiError } from '../../api/apiError.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { Nodes } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { WorkQueueImpl } from '../../client/workQueue.ts';
import type { ComponentContext } from '../../process/component.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { taintPatch } from '../up/nodeRole.ts';

/** Gives this control plane its taint as soon as another machine takes pods. Each control plane minds its own node. */
export async function keepTaint({ paths, nodeName }: ClusterSettings, { clock, logger, signal }: ComponentContext): Promise<void> {
  const client = new RestClient(loadKubeconfig(join(paths.kubernetes, 'admin.conf')), { component: 'upkeep', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const nodes = informers.informer(Nodes);
  const queue = new WorkQueueImpl({ clock, logger });
  const changed = (): void => queue.add(nodeName);
  nodes.addHandler({ added: changed, updated: changed });
  informers.start(signal);
  await queue.run(1, async () => {
    const patch = taintPatch(nodes.get(nodeName), nodes.list());
    if (!patch) return;
    try {
      await client.patch(Nodes, nodeName, undefined, 'application/merge-patch+json', patch);
      logger.info('other machines take pods now, so this control plane takes no more', { node: nodeName });
    } catch (error) {
      // The informer brings the newer one, and with it the next turn.
      if (!(error instanceof ApiError && error.reason === 'Conflict')) throw error;
    }
  }, signal);
  await informers.ended();
  client.close();
}

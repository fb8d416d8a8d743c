import { InformerImpl } from '../../client/informer.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { ConfigMaps } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';

/** An informer in a process of its own: one line for each change that it tells, with the resourceVersion that it has reached. */
const client = new RestClient(loadKubeconfig(process.argv[2]!), { component: 'informer-log', clock: systemClock });
const informer = new InformerImpl(ConfigMaps, { namespace: 'default' }, { client, clock: systemClock, logger: silentLogger });
const tell = (what: string, name: string, version: string): void => void process.stdout.write(`${what} ${name} ${version}\n`);
informer.addHandler({
  added: ({ metadata }) => tell('added', metadata.name, metadata.resourceVersion),
  updated: (_, { metadata }) => tell('updated', metadata.name, metadata.resourceVersion),
  deleted: ({ metadata }) => tell('deleted', metadata.name, metadata.resourceVersion),
});
await informer.run(new AbortController().signal);

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1EndpointSlice } from '../../api/generated/types.ts';
import { SERVERS_FILE_EXTENSION } from '../../api/wellKnown.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { EndpointSlices } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import type { ComponentContext, RunningComponent } from '../../process/component.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { writeJson } from '../supervisor/supervisorFiles.ts';

/** Where a node keeps the URLs of the cluster's API servers; its kubeconfigs refer to it. */
export const serversFile = ({ paths }: ClusterSettings): string => join(paths.state, 'servers.json');

/** What a component's kubeconfig says of that file. */
export const serverListExtension = (settings: ClusterSettings): Readonly<Record<string, unknown>> => ({ [SERVERS_FILE_EXTENSION]: { path: serversFile(settings) } });

/**
 * Keeps the file by the EndpointSlice `default/kubernetes`, which follows the API servers that live. A control plane's own server is left out where
 * the kubeconfigs name it as 127.0.0.1: counted twice, a slow server would be given up in favour of itself, and all its watches begun anew.
 */
export async function keepServerList(settings: ClusterSettings, kubeconfig: string, { clock, logger, signal }: ComponentContext): Promise<RunningComponent> {
  const config = loadKubeconfig(kubeconfig);
  const client = new RestClient(config, { component: 'server-list', clock });
  const informers = new InformerFactoryImpl({ client, clock, logger });
  const slices = informers.informer(EndpointSlices, { namespace: 'default', fieldSelector: 'metadata.name=kubernetes' });
  const file = serversFile(settings);
  const write = (slice: V1EndpointSlice): void => {
    const all = serverUrls(slice);
    const urls = withoutOwn(all, config.servers, settings.nodeAddress);
    const text = `${JSON.stringify(urls, undefined, 2)}\n`;
    // A cluster whose servers have all gone is found again by the old addresses, if at all.
    if (all.length > 0 && !(existsSync(file) && readFileSync(file, 'utf8') === text)) writeJson(file, urls);
  };
  slices.addHandler({ added: write, updated: (_, slice) => write(slice) });
  informers.start(signal);
  return { stopped: informers.ended().then(() => client.close()) };
}

/** The URLs of the servers in an EndpointSlice, in the order of their addresses. */
export function serverUrls({ endpoints, ports }: V1EndpointSlice): string[] {
  const port = ports?.[0]?.port;
  if (port === undefined) return [];
  return (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses.map((address) => `https://${address}:${port}`)).toSorted();
}

/** Without the server of this machine, if `configured` has it by its loopback address already. */
export function withoutOwn(urls: readonly string[], configured: readonly string[], nodeAddress: string): string[] {
  const local = configured.some((each) => new URL(each).hostname === '127.0.0.1');
  return urls.filter((each) => !local || new URL(each).hostname !== nodeAddress);
}

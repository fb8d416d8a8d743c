import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectionError } from '../../client/connectionError.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';

/** Runs an action as the cluster's administrator, which only a control plane's root can be. Throws a `UserError` elsewhere. */
export async function asAdministrator<T>({ paths }: ClusterSettings, { clock }: Invocation, action: (client: RestClient) => Promise<T>): Promise<T> {
  const file = join(paths.kubernetes, 'admin.conf');
  if (process.geteuid?.() !== 0) throw new UserError("gantry token uses the administrator's certificate and must be run as root.");
  if (!existsSync(file)) throw new UserError(`There is no ${file}: this is done on a control plane of the cluster.`);
  const client = new RestClient(loadKubeconfig(file), { component: 'cli', clock });
  try {
    return await action(client);
  } catch (error) {
    if (error instanceof ConnectionError) throw new UserError(`The API server does not answer (${error.message}): gantry status says why.`, { cause: error });
    throw error;
  } finally {
    client.close();
  }
}

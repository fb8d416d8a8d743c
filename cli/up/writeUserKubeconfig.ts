import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterSettings } from '../clusterSettings.ts';
import { changeHostRecord, readHostRecord } from '../hostRecord.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { type KubeconfigEntry, KubeconfigMergeError, mergeContext, removeContext, rewriteKubeconfig, userKubeconfigFile } from '../userKubeconfig.ts';

/** The administrator's way to the cluster, as `up` made it. */
export function adminEntry({ paths }: ClusterSettings): KubeconfigEntry {
  const { clusters, users } = JSON.parse(readFileSync(join(paths.kubernetes, 'admin.conf'), 'utf8')) as { clusters: Array<{ cluster: KubeconfigEntry['cluster'] }>; users: Array<{ user: KubeconfigEntry['user'] }> };
  return { cluster: clusters[0]!.cluster, user: users[0]!.user };
}

/** E.g. a read-only folder. */
const isFileError = (error: unknown): error is Error => error instanceof Error && 'syscall' in error;

/** Merges the context into the user's kubeconfig; gives whether that changed. */
export function writeUserKubeconfig(settings: ClusterSettings, { environment, home, terminal }: Invocation): boolean {
  const file = userKubeconfigFile(environment, home);
  try {
    const changed = rewriteKubeconfig(file, (text) => mergeContext(text, settings.name, adminEntry(settings)));
    if (readHostRecord(settings.paths)?.kubeconfig !== file) changeHostRecord(settings.paths, { kubeconfig: file });
    if (changed) terminal.say(`Wrote the context ${settings.name} to ${file}`);
    return changed;
  } catch (error) {
    if (!(error instanceof KubeconfigMergeError) && !isFileError(error)) throw error;
    throw new UserError(`The cluster is up, but ${file} was left as it is: ${error.message}. Use: kubectl --kubeconfig ${join(settings.paths.kubernetes, 'admin.conf')} get nodes`, { cause: error });
  }
}

/** Takes the context out of the kubeconfig that `up` wrote it to. */
export function removeUserKubeconfig(settings: ClusterSettings, { terminal }: Invocation): void {
  const file = readHostRecord(settings.paths)?.kubeconfig;
  if (!file) return;
  try {
    if (rewriteKubeconfig(file, (text) => (text === '' ? '' : removeContext(text, settings.name)))) terminal.say(`Removed the context ${settings.name} from ${file}`);
  } catch (error) {
    if (!(error instanceof KubeconfigMergeError) && !isFileError(error)) throw error;
    terminal.complain(`${file} was left as it is: ${error.message}`);
  }
}

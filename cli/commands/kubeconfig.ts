import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterSettings } from '../clusterSettings.ts';
import { UserError } from '../invocation.ts';
import type { Terminal } from '../terminal.ts';
import { mergeContext } from '../userKubeconfig.ts';
import { adminEntry } from '../up/writeUserKubeconfig.ts';

/** Prints a kubeconfig with the one context. */
export async function printKubeconfig(settings: ClusterSettings, terminal: Terminal): Promise<void> {
  if (!existsSync(join(settings.paths.kubernetes, 'admin.conf'))) throw new UserError(`There is no cluster ${settings.name} on this machine.`);
  terminal.say(mergeContext('', settings.name, adminEntry(settings)).trimEnd());
}

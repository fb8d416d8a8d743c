import type { RigHost } from '../rig/host.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** Waits until `gantry status` finds that all is well: it gives the API server two seconds, which a busy machine may take. Gives what it says. */
export async function healthy(host: RigHost, gantry: readonly string[] = [`${repositoryRoot}/bin/gantry`]): Promise<string> {
  return eventually('gantry status finds all running', 120_000, async () => {
    const { code, stdout } = await host.exec([...gantry, 'status']);
    return code === 0 ? stdout : undefined;
  });
}

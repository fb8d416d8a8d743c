import { writeFile } from 'node:fs/promises';
import type { DNSConfig, Sandbox, SandboxConfig } from '../types.ts';
import { sandboxOptions } from './containerOptions.ts';
import { asked, type Engine, ifFound, settled, statusCode } from './engine.ts';
import { sandboxOf } from './engineStatus.ts';
import { engineName } from './labels.ts';
import { ensurePauseImage } from './pauseImage.ts';

/** Creates and starts the pause container, and gives it the pod's resolv.conf. */
export async function runSandbox(engine: Engine, config: SandboxConfig): Promise<Sandbox> {
  const image = await ensurePauseImage(engine);
  const options = sandboxOptions(config, image, engine.context);
  const created = await createAfresh(engine, engineName(undefined, config.pod, config.attempt), () => engine.docker.createContainer(options));
  await asked(created.start());
  const info = await asked(created.inspect());
  // The engine writes this file at the start, from the host's; the containers of the pod share it.
  await writeFile(info.ResolvConfPath, resolvConf(config.dns));
  return sandboxOf(info);
}

/**
 * Creates a container under a fixed name. A name that is taken is that of an attempt that a kubelet before us did not see through:
 * it is removed first.
 */
export async function createAfresh<T>(engine: Engine, name: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (statusCode(error) !== 409) return asked(Promise.reject(error));
    const existing = await ifFound(engine.docker.getContainer(name).inspect());
    if (existing?.State.Running) throw new Error(`container name ${name} is in use by running container ${existing.Id}`, { cause: error });
    await settled(engine.docker.getContainer(name).remove({ force: true }));
    return asked(create());
  }
}

export function resolvConf(dns: DNSConfig): string {
  return [
    ...dns.servers.map((server) => `nameserver ${server}\n`),
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(' ')}\n`] : []),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}\n`] : []),
  ].join('');
}

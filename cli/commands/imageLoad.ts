import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import type { ClusterSettings } from '../clusterSettings.ts';
import { feedMachine } from '../containers/engine.ts';
import { readContainerCluster } from '../containers/record.ts';
import { type Invocation, UserError } from '../invocation.ts';

/** Loads an archive made by `docker save` into the engine of the node, or of every node that is a container of this computer, so that pods can use its images without a registry. */
export async function imageLoad(settings: ClusterSettings, file: string | undefined, { terminal }: Invocation): Promise<void> {
  if (file === undefined) throw new UserError('usage: gantry image load FILE.tar (an archive made by docker save)');
  if (!existsSync(file)) throw new UserError(`There is no file ${file}.`);
  const containers = readContainerCluster(settings.paths);
  for (const node of containers?.nodes ?? []) {
    terminal.say(`${node}:`);
    if ((await feedMachine(settings, node, ['docker', 'load'], file)) !== 0) throw new UserError(`${file} cannot be loaded on ${node}.`);
  }
  if (containers) return;
  const docker = new Docker({ socketPath: settings.dockerSocket });
  const answer = await docker.loadImage(createReadStream(file));
  let text = '';
  await pipeline(answer, async (chunks) => {
    for await (const chunk of chunks) text += String(chunk);
  });
  for (const line of text.split(/\r?\n/).filter(Boolean)) {
    const { stream, error } = JSON.parse(line) as { stream?: string; error?: string };
    if (error) throw new UserError(`${file}: ${error}`);
    if (stream?.trim()) terminal.say(stream.trim());
  }
}

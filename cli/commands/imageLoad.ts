import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';

/** Loads an archive made by `docker save` into the node's engine, so that pods can use its images without a registry. */
export async function imageLoad({ dockerSocket }: ClusterSettings, file: string | undefined, { terminal }: Invocation): Promise<void> {
  if (file === undefined) throw new UserError('usage: gantry image load FILE.tar (an archive made by docker save)');
  if (!existsSync(file)) throw new UserError(`There is no file ${file}.`);
  const docker = new Docker({ socketPath: dockerSocket });
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

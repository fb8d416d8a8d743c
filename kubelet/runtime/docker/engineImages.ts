import type { RegistryAuth, RuntimeImage } from '../types.ts';
import { asked, type Engine, ifFound, inTime, settled } from './engine.ts';

/** The image of this name, digest or id, if the engine has it. */
export async function findImage(engine: Engine, reference: string): Promise<RuntimeImage | undefined> {
  const image = await ifFound(engine.docker.getImage(reference).inspect());
  if (!image) return undefined;
  return { id: image.Id, tags: image.RepoTags ?? [], digests: image.RepoDigests ?? [], size: image.Size, user: image.Config?.User ?? '' };
}

export async function listImages(engine: Engine): Promise<readonly RuntimeImage[]> {
  const images = await inTime(engine.clock, asked(engine.docker.listImages()));
  return images.map((image) => ({ id: image.Id, tags: named(image.RepoTags), digests: named(image.RepoDigests), size: image.Size, user: '' }));
}

/** Pulls, and throws with the registry's or the engine's words. */
export async function pullImage(engine: Engine, reference: string, auth: RegistryAuth | undefined): Promise<string> {
  const authconfig = auth && { username: auth.username, password: auth.password, identitytoken: auth.identityToken, serveraddress: auth.serverAddress };
  const progress: NodeJS.ReadableStream = await asked(engine.docker.pull(reference, authconfig ? { authconfig } : {}));
  await new Promise<void>((resolve, reject) => engine.docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())));
  const image = await findImage(engine, reference);
  if (!image) throw new Error(`the image ${reference} was pulled and is not there`);
  return image.id;
}

/** Takes all names off the image, with which it goes; throws where a container uses it. */
export async function removeImage(engine: Engine, id: string): Promise<void> {
  const image = await findImage(engine, id);
  if (!image) return;
  for (const name of [...image.tags, ...image.digests]) await settled(engine.docker.getImage(name).remove());
  await settled(engine.docker.getImage(id).remove());
}

/** The engine writes `<none>` where there is no name. */
function named(names: readonly string[] | undefined): readonly string[] {
  return (names ?? []).filter((name) => !name.includes('<none>'));
}

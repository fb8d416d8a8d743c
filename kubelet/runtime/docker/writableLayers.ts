import { NO_SPACE, type SpaceUsed, usedSpace } from '../../usedSpace.ts';
import { asked, type Engine, ifFound } from './engine.ts';

/** What containers wrote into their own file systems. The engine counts bytes only, so that the layer's directory is counted where the driver names one. */
export async function writableLayers({ docker }: Engine, ids: readonly string[]): Promise<ReadonlyMap<string, SpaceUsed>> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const info = await ifFound(docker.getContainer(id).inspect());
      const data = info?.GraphDriver?.Data as Readonly<Record<string, string>> | null | undefined;
      return { id, directory: data?.['UpperDir'], isThere: info !== undefined };
    }),
  );
  const directories = found.flatMap(({ directory }) => directory ?? []);
  const used = directories.length > 0 ? await usedSpace(directories) : new Map<string, SpaceUsed>();
  const space = async (id: string, directory: string | undefined, isThere: boolean): Promise<SpaceUsed> => {
    if (!isThere) return NO_SPACE;
    if (directory !== undefined) return used.get(directory) ?? NO_SPACE;
    const [sized] = await asked(docker.listContainers({ all: true, size: true, filters: { id: [id] } }));
    return { bytes: (sized as { readonly SizeRw?: number } | undefined)?.SizeRw ?? 0, inodes: 0 };
  };
  return new Map(await Promise.all(found.map(async ({ id, directory, isThere }) => [id, await space(id, directory, isThere)] as const)));
}

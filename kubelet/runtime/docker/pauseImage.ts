import { Readable } from 'node:stream';
import { pauseProgram } from '../pauseImage/elf.ts';
import { tar } from '../pauseImage/tar.ts';
import { asked, type Engine, ifFound } from './engine.ts';

/** Its tag changes with its content. */
const REPOSITORY = 'gantry/pause';
const TAG = '1';

/** The name of the sandbox's image, which is built and loaded where it is missing; no registry is asked. */
export async function ensurePauseImage(engine: Engine): Promise<string> {
  const name = `${REPOSITORY}:${TAG}`;
  if (await ifFound(engine.docker.getImage(name).inspect())) return name;
  const version = await asked(engine.docker.version());
  if (version.Arch !== 'amd64' && version.Arch !== 'arm64') throw new Error(`the sandbox image exists for amd64 and arm64, and the engine runs on ${version.Arch}`);
  const archive = tar([{ name: 'pause', mode: 0o755, content: pauseProgram(version.Arch === 'amd64' ? 'x64' : 'arm64') }]);
  const progress = await asked(engine.docker.importImage(Readable.from([archive]), { repo: REPOSITORY, tag: TAG, changes: 'ENTRYPOINT ["/pause"]' }));
  await new Promise<void>((resolve, reject) => engine.docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())));
  if (!(await ifFound(engine.docker.getImage(name).inspect()))) throw new Error(`the engine took the image ${name} and does not have it`);
  return name;
}

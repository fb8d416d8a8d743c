import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';

const run = promisify(execFile);

export interface LoopbackRegistry {
  /** Host and port, as an image's reference begins. */
  readonly address: string;
  /** Copies an image of the engine into the registry, removes it from the engine, and resolves to its digest. */
  push(image: string, name: string): Promise<string>;
  /** Removes what the engine has under this reference. */
  removeLocal(reference: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Debian's `docker-registry` on the loopback of a private engine's host; with a login, nobody else may pull or push. */
export async function startLoopbackRegistry(host: DockerHost, port: number, login?: { readonly user: string; readonly password: string }): Promise<LoopbackRegistry> {
  const folder = join(host.directory, `registry-${port}`);
  const address = `localhost:${port}`;
  await mkdir(join(folder, 'data'), { recursive: true });
  const lines = ['version: 0.1', 'log: {level: error}', `storage: {filesystem: {rootdirectory: ${folder}/data}}`, `http: {addr: "127.0.0.1:${port}"}`];
  if (login) {
    lines.push(`auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`);
    await writeFile(join(folder, 'htpasswd'), `${login.user}:${bcrypt(login.password)}\n`);
  }
  await writeFile(join(folder, 'config.yml'), `${lines.join('\n')}\n`);
  const [command = '', ...prefix] = host.enter;
  const child = spawn(command, [...prefix, 'docker-registry', 'serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const docker = (...words: string[]) => run('docker', ['--config', folder, '-H', `unix://${host.socketPath}`, ...words]);
  await answering(host, address);
  if (login) await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [address]: { auth: Buffer.from(`${login.user}:${login.password}`).toString('base64') } } }));
  return {
    address,
    async push(image, name) {
      const reference = `${address}/${name}`;
      await docker('tag', image, reference);
      const { stdout } = await docker('push', reference);
      await docker('rmi', reference);
      return /digest: (sha256:\w+)/.exec(stdout)?.[1] ?? '';
    },
    removeLocal: async (reference) => void (await docker('rmi', '-f', reference)),
    stop: () => ended(child),
  };
}

async function answering(host: DockerHost, address: string): Promise<void> {
  const [command = '', ...prefix] = host.enter;
  await eventually('the registry answers', 90_000, () => run(command, [...prefix, 'curl', '-s', '-o', '/dev/null', `http://${address}/v2/`]).then(() => true, () => undefined));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** By glibc's crypt, through Perl, which every Debian has. */
function bcrypt(password: string): string {
  return execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))', password], { encoding: 'utf8' });
}

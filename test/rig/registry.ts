import { execFileSync } from 'node:child_process';
import type { RigHost } from './host.ts';
import { eventually } from './processes.ts';

export interface RegistryOptions {
  readonly port?: number;
  /** Asked for by the registry; without, everybody may pull and push. */
  readonly login?: { readonly user: string; readonly password: string };
}

export interface Registry {
  /** Host and port, as an image's reference begins. Docker takes `localhost:…` without TLS. */
  readonly address: string;
  /** Copies an image of the host's engine into the registry under this name, and removes it from the engine. */
  push(image: string, name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts Debian's `docker-registry` in a host, for its own engine. */
export async function startRegistry(host: RigHost, { port = 5000, login }: RegistryOptions = {}): Promise<Registry> {
  const folder = `/var/lib/gantry-registry-${port}`;
  const address = `localhost:${port}`;
  const lines = ['version: 0.1', 'log: {level: warn}', 'storage:', `  filesystem: {rootdirectory: ${folder}/data}`, '  delete: {enabled: true}', `http: {addr: "127.0.0.1:${port}"}`];
  if (login) lines.push('auth:', `  htpasswd: {realm: rig, path: ${folder}/htpasswd}`);
  await host.check(['mkdir', '-p', `${folder}/data`]);
  await host.check(['tee', `${folder}/config.yml`], { input: `${lines.join('\n')}\n` });
  if (login) await host.check(['tee', `${folder}/htpasswd`], { input: `${login.user}:${bcrypt(login.password)}\n` });
  await host.check(['sh', '-c', `setsid docker-registry serve ${folder}/config.yml >${folder}/log 2>&1 </dev/null & echo $! >${folder}/pid`]);
  await eventually('the registry answers', 90_000, async () => ((await host.exec(['curl', '-s', '-o', '/dev/null', `http://${address}/v2/`])).code === 0 ? true : undefined));
  if (login) await host.check(['docker', 'login', '--username', login.user, '--password-stdin', address], { input: login.password });
  return {
    address,
    async push(image, name) {
      const reference = `${address}/${name}`;
      await host.check(['docker', 'tag', image, reference]);
      await host.check(['docker', 'push', '--quiet', reference], { timeoutMilliseconds: 120_000 });
      await host.check(['docker', 'rmi', reference]);
      return reference;
    },
    async stop() {
      await host.check(['sh', '-c', `kill $(cat ${folder}/pid)`]);
    },
  };
}

/** By glibc's crypt, through Perl, which every Debian has. */
function bcrypt(password: string): string {
  return execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))', password], { encoding: 'utf8' });
}

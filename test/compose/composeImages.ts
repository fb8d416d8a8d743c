import { chmodSync, cpSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RigHost } from '../rig/host.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { baseArchive } from './baseImage.ts';

/** Of `deploy/Dockerfile`. */
const TARGETS = ['etcd', 'balancer', 'control-plane', 'node'] as const;
export const BASE_IMAGE = 'gantry-test-base';

/** In a host, so that tests that run at the same time have one each, and it goes with the host. */
const CONTEXT = '/root/checkout';

/**
 * Makes a folder of the host with what a checkout has to offer for the images, after `npm run build`: the build, its Node.js, `deploy/` and
 * `docker-compose.yml`. (In the checkout itself `node_modules` may be a link, which no build of an image follows.) Gives the folder as the host calls it.
 */
export function composeContext(host: RigHost): string {
  const folder = host.path(CONTEXT);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(repositoryRoot, 'dist', 'build.json'))) throw new Error('there is no dist/: run npm run build');
  for (const each of ['deploy', 'dist', 'docker-compose.yml', '.dockerignore']) cpSync(join(repositoryRoot, each), join(folder, each), { recursive: true, preserveTimestamps: true });
  const node = join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  mkdirSync(join(node, '..'), { recursive: true });
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  return CONTEXT;
}

/** Makes the images in a host's engine, from the checkout's build; what the engine has already costs a second. */
export async function buildImages(host: RigHost, context: string): Promise<void> {
  const environment = { DOCKER_BUILDKIT: '0' };
  if ((await host.exec(['docker', 'image', 'inspect', BASE_IMAGE])).code !== 0) {
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    await host.check(['docker', 'import', '--change', `ENV PATH=${path}`, baseArchive(), BASE_IMAGE], { timeoutMilliseconds: 400_000 });
  }
  for (const target of TARGETS) {
    const words = ['docker', 'build', '--quiet', '--target', target, '--tag', `gantry-${target}`, '--build-arg', `BASE=${BASE_IMAGE}`, '--file', join(context, 'deploy', 'Dockerfile'), context];
    await host.check(words, { timeoutMilliseconds: 600_000, env: environment });
  }
}

/** These do their work, and end. */
const PASSING = new Set(['certificates', 'node-token']);

/** The services of `docker-compose.yml` that go on running, in the file's order. */
export function composeServices(): string[] {
  const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8');
  const services = /^services:\n([\s\S]*?)^\w/m.exec(text)?.[1] ?? '';
  return [...services.matchAll(/^ {2}([a-z0-9-]+):$/gm)].map(([, name]) => name!).filter((name) => !PASSING.has(name));
}

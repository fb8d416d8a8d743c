import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RigHost } from './host.ts';
import { repositoryRoot } from './repositoryRoot.ts';

/** An image that is made from what this machine has: the pinned Node.js with its libraries, busybox, and the files given. */
interface Recipe {
  readonly node: boolean;
  /** By path in the image. */
  readonly files: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly exposes?: number;
}

/** Answers with its version, host name and, on other paths, what the path asks for. */
const WEB = `const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const { hostname } = require('node:os');
const version = process.env.VERSION ?? '1';
let healthy = true;
console.log('web ' + version + ' begins');
createServer((request, response) => {
  console.log(request.method + ' ' + request.url);
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/healthz') response.statusCode = healthy ? 200 : 500;
  else if (url.pathname === '/break') healthy = false;
  else if (url.pathname === '/env') return response.end(String(process.env[url.searchParams.get('name')]));
  else if (url.pathname === '/file') return response.end(readFileSync(url.searchParams.get('path')));
  else if (url.pathname === '/source') return response.end(request.socket.remoteAddress);
  response.end('web ' + version + ' on ' + hostname() + '\\n');
}).listen(Number(process.env.PORT ?? 8080));
process.on('SIGTERM', () => process.exit(0));
`;

const RECIPES = {
  /** A shell with busybox's tools, which sleeps. */
  box: { node: false, files: {}, command: ['/bin/sleep', '1000000'] },
  /** A small web server on port 8080; `VERSION` says what it calls itself. */
  web: { node: true, files: { '/web.js': WEB }, command: ['/usr/bin/node', '/web.js'], exposes: 8080 },
  /** Ends at once with code 3. */
  broken: { node: false, files: {}, command: ['/bin/sh', '-c', 'echo broken on purpose; exit 3'] },
} satisfies Readonly<Record<string, Recipe>>;

export type ImageName = keyof typeof RECIPES;

/** Puts images into a host's Docker engine, under these references, without any registry. */
export async function loadImages(host: RigHost, images: Readonly<Record<string, ImageName>>): Promise<void> {
  for (const [reference, name] of Object.entries(images)) {
    await host.check(['docker', 'import', ...importChanges(name).flatMap((change) => ['--change', change]), archiveOf(name), reference], { timeoutMilliseconds: 120_000 });
  }
}

/** What `docker import` is told of an image besides its file tree. */
export function importChanges(name: ImageName): string[] {
  const { command, exposes }: Recipe = RECIPES[name];
  return ['ENV PATH=/usr/bin:/bin', `CMD ${JSON.stringify(command)}`, ...(exposes ? [`EXPOSE ${exposes}`] : [])];
}

/** The image's file tree as a tar, made once and kept in the git-ignored `.cache/`, where hosts can read it. */
export function archiveOf(name: ImageName): string {
  const folder = join(repositoryRoot, '.cache', 'images');
  const recipe: Recipe = RECIPES[name];
  const stamp = JSON.stringify([recipe, process.version]);
  const archive = join(folder, `${name}.tar`);
  if (existsSync(archive) && existsSync(`${archive}.stamp`) && readFileSync(`${archive}.stamp`, 'utf8') === stamp) return archive;
  mkdirSync(folder, { recursive: true });
  const tree = mkdtempSync(join(folder, '.tree-'));
  try {
    fillTree(tree, recipe);
    // Another process may be making the same one: each its own, the last one stays.
    execFileSync('tar', ['-C', tree, '-cf', `${tree}.tar`, '.']);
    renameSync(`${tree}.tar`, archive);
    writeFileSync(`${archive}.stamp`, stamp);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  return archive;
}

function fillTree(tree: string, { node, files }: Recipe): void {
  for (const folder of ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc', 'usr/bin', 'root']) mkdirSync(join(tree, folder), { recursive: true });
  chmodSync(tree, 0o755);
  chmodSync(join(tree, 'tmp'), 0o1777);
  writeFileSync(join(tree, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  writeFileSync(join(tree, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  writeFileSync(join(tree, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file))!;
  copyInto(tree, busybox, '/bin/busybox');
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')) {
    if (applet && applet !== 'busybox') symlinkSync('busybox', join(tree, 'bin', applet));
  }
  if (node) {
    copyInto(tree, process.execPath, '/usr/bin/node');
    for (const [library] of execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/\/\S+/g)) copyInto(tree, library, library);
    for (const library of nameServiceLibraries()) copyInto(tree, library, library);
  }
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), content);
  }
}

function copyInto(tree: string, source: string, target: string): void {
  mkdirSync(dirname(join(tree, target)), { recursive: true });
  copyFileSync(source, join(tree, target));
}

/** What glibc loads by itself to resolve names. */
function nameServiceLibraries(): string[] {
  const folder = process.arch === 'arm64' ? '/lib/aarch64-linux-gnu' : '/lib/x86_64-linux-gnu';
  return ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map((name) => join(folder, name)).filter((file) => existsSync(file));
}

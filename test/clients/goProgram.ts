import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackWithDependencies } from '../rig/aptArchive.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** The release whose libraries are of Kubernetes 1.36. */
const RELEASE = 'sid';
const COMPILE_MILLISECONDS = 20 * 60_000;

const PACKAGES = ['golang-go', 'golang-k8s-client-go-dev', 'golang-k8s-apiserver-dev', 'golang-k8s-apiextensions-apiserver-dev'];

/** Builds a Go program of ours, a file or a folder of files below `go/`; gives its path. What has been built is kept for as long as the source is the same. */
export async function buildGoProgram(source: string): Promise<string> {
  const path = join(import.meta.dirname, 'go', source);
  const isFile = source.endsWith('.go');
  const files = isFile ? [path] : readdirSync(path).sort().map((name) => join(path, name));
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return build(`${source.replace(/\.go$/, '')}-${hash.digest('hex').slice(0, 12)}`, isFile ? path : '.', isFile ? undefined : path);
}

/** The folder of one of Debian's packages, e.g. `k8s.io/api`, once a program has been built. */
export const librarySource = (name: string): string => join(repositoryRoot, '.cache', 'go', RELEASE, 'usr/share/gocode/src', name);

/**
 * With Debian's Go and Kubernetes' libraries, which are unpacked into the git-ignored `.cache/` and not installed. The first time takes minutes: 200 MB are fetched, and all of it is
 * compiled.
 */
async function build(name: string, source: string, folder?: string): Promise<string> {
  const cache = join(repositoryRoot, '.cache', 'go');
  const tree = join(cache, RELEASE);
  unpackWithDependencies(RELEASE, PACKAGES, /^golang-/, tree);
  const program = join(cache, 'programs', name);
  if (existsSync(program)) return program;
  mkdirSync(join(cache, 'programs'), { recursive: true });
  const root = join(tree, 'usr', 'lib', readdirSync(join(tree, 'usr', 'lib')).find((each) => each.startsWith('go-'))!);
  // Nothing is fetched by Go itself: every package is in the tree.
  const env = { PATH: process.env['PATH'], HOME: cache, GOROOT: root, GOPATH: join(tree, 'usr/share/gocode'), GO111MODULE: 'off', GOCACHE: join(cache, 'build'), GOTOOLCHAIN: 'local', GOPROXY: 'off', CGO_ENABLED: '0' };
  await promisify(execFile)(join(root, 'bin', 'go'), ['build', '-o', program, source], { env, cwd: folder ?? cache, timeout: COMPILE_MILLISECONDS });
  return program;
}

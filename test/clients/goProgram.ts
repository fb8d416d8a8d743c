import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackWithDependencies } from '../rig/aptArchive.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** The release whose client-go is of Kubernetes 1.36. */
const RELEASE = 'sid';
const COMPILE_MILLISECONDS = 20 * 60_000;

/**
 * Builds a Go program, a file or a folder of files below `go/`, with Debian's Go and client-go, which are unpacked into the git-ignored `.cache/` and not installed; gives the program's path. The
 * first time takes minutes: 120 MB are fetched, and client-go is compiled. What has been built is kept for as long as the source is the same.
 */
export async function buildGoProgram(source: string): Promise<string> {
  const cache = join(repositoryRoot, '.cache', 'go');
  const tree = join(cache, RELEASE);
  unpackWithDependencies(RELEASE, ['golang-go', 'golang-k8s-client-go-dev'], /^golang-/, tree);
  const path = join(import.meta.dirname, 'go', source);
  const files = source.endsWith('.go') ? [path] : readdirSync(path).sort().map((name) => join(path, name));
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  const program = join(cache, 'programs', `${source.replace(/\.go$/, '')}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  mkdirSync(join(cache, 'programs'), { recursive: true });
  const root = join(tree, 'usr', 'lib', readdirSync(join(tree, 'usr', 'lib')).find((name) => name.startsWith('go-'))!);
  // Nothing is fetched by Go itself: every package is in the tree.
  const env = { PATH: process.env['PATH'], HOME: cache, GOROOT: root, GOPATH: join(tree, 'usr/share/gocode'), GO111MODULE: 'off', GOCACHE: join(cache, 'build'), GOTOOLCHAIN: 'local', GOPROXY: 'off', CGO_ENABLED: '0' };
  await promisify(execFile)(join(root, 'bin', 'go'), ['build', '-o', program, ...files], { env, cwd: cache, timeout: COMPILE_MILLISECONDS });
  return program;
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { unpackPackages } from './aptArchive.ts';
import { repositoryRoot } from './repositoryRoot.ts';

/** The versions of kubectl that Debian's releases carry; the newest is what a user has most likely. */
export const KUBECTL_RELEASES = {
  '1.20': { release: 'bookworm', name: 'kubernetes-client' },
  '1.32': { release: 'trixie', name: 'kubectl' },
  '1.36': { release: 'sid', name: 'kubectl' },
} as const;
export type KubectlVersion = keyof typeof KUBECTL_RELEASES;
export const KUBECTL_VERSIONS = Object.keys(KUBECTL_RELEASES) as KubectlVersion[];

/** The path of a kubectl, fetched into the git-ignored `.cache/` the first time (seconds; needs the machine's apt sources). */
export function kubectlPath(version: KubectlVersion): string {
  const folder = join(repositoryRoot, '.cache', 'kubectl', version);
  const { release, name } = KUBECTL_RELEASES[version];
  unpackPackages(release, [name], folder);
  return join(folder, 'usr', 'bin', 'kubectl');
}

export interface KubectlResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  readonly kubeconfig: string;
  readonly input?: string;
  /** Killed after this time; 180,000 ms unless told. */
  readonly timeoutMilliseconds?: number;
  /** Besides PATH and HOME, e.g. EDITOR. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs kubectl on this machine (for a cluster inside a rig host use `RigHost.kubectl`); any exit code is an answer. */
export function runKubectl(version: KubectlVersion, words: readonly string[], options: KubectlOptions): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...options.environment };
    const child = spawn(kubectlPath(version), ['--kubeconfig', options.kubeconfig, ...words], { env, timeout: options.timeoutMilliseconds ?? 180_000, killSignal: 'SIGKILL' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
    child.stdin.end(options.input ?? '');
  });
}

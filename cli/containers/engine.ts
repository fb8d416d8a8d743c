import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { CommandError, runCommand } from '../../host/command.ts';
import type { ClusterSettings } from '../clusterSettings.ts';

const MINUTES = 60_000;

const docker = ({ dockerSocket }: ClusterSettings, words: readonly string[]): string[] => ['docker', '--host', `unix://${dockerSocket}`, ...words];

/** Runs the engine's own command; gives standard output, and throws a `CommandError` where it fails. */
export async function askDocker(settings: ClusterSettings, words: readonly string[], timeoutMilliseconds = MINUTES): Promise<string> {
  const result = await runCommand(docker(settings, words), { timeoutMilliseconds });
  if (result.code !== 0) throw new CommandError(['docker', ...words], result);
  return result.stdout;
}

/** Whether the engine has such a thing. */
export async function dockerHas(settings: ClusterSettings, kind: 'container' | 'image' | 'network', name: string): Promise<boolean> {
  return (await runCommand(docker(settings, [kind, 'inspect', name]))).code === 0;
}

/** Runs a command on one of the cluster's machines. */
export const inMachine = (settings: ClusterSettings, machine: string, words: readonly string[]): Promise<string> => askDocker(settings, ['exec', machine, ...words], 5 * MINUTES);

/** Gives a file to a command on one of the cluster's machines as its input; resolves to its exit code. */
export function feedMachine(settings: ClusterSettings, machine: string, words: readonly string[], file: string): Promise<number> {
  const input = openSync(file, 'r');
  const [program = '', ...rest] = docker(settings, ['exec', '--interactive', machine, ...words]);
  const child = spawn(program, rest, { stdio: [input, 'inherit', 'inherit'] });
  closeSync(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

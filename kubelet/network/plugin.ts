import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** What a plugin is called with (CNI specification, section 3). */
export interface PluginCall {
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'VERSION';
  readonly containerId: string;
  /** Path of the network namespace; '' when it is gone. */
  readonly netns: string;
  readonly interfaceName: string;
  readonly args: Readonly<Record<string, string>>;
  readonly binDirs: readonly string[];
}

export interface CNIResult {
  readonly ips?: readonly { readonly address: string }[];
  readonly [key: string]: unknown;
}

/** Runs an executable with this environment and standard input; resolves to its exit code and output. */
export type PluginRunner = (file: string, env: Readonly<Record<string, string>>, input: string) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;

/** Longer than any plugin that works. */
const TIMEOUT_MILLISECONDS = 60_000;

/** Calls one plugin with its configuration; throws with the plugin's own message. */
export async function callPlugin(run: PluginRunner, call: PluginCall, config: Readonly<Record<string, unknown>>): Promise<CNIResult> {
  const type = String(config['type']);
  const file = await findPlugin(type, call.binDirs);
  const env = {
    CNI_COMMAND: call.command,
    CNI_CONTAINERID: call.containerId,
    CNI_NETNS: call.netns,
    CNI_IFNAME: call.interfaceName,
    CNI_ARGS: Object.entries(call.args).map(([key, value]) => `${key}=${value}`).join(';'),
    CNI_PATH: call.binDirs.join(':'),
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  };
  const { code, stdout, stderr } = await run(file, env, JSON.stringify(config));
  if (code !== 0) throw new Error(`plugin type="${type}" failed (${call.command.toLowerCase()}): ${failureText(stdout, stderr, code)}`);
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as CNIResult);
}

async function findPlugin(type: string, binDirs: readonly string[]): Promise<string> {
  for (const directory of binDirs) {
    const file = join(directory, type);
    if (await executable(file)) return file;
  }
  throw new Error(`failed to find plugin "${type}" in path [${binDirs.join(' ')}]`);
}

function executable(file: string): Promise<boolean> {
  return access(file, 1).then(
    () => true,
    () => false,
  );
}

function failureText(stdout: string, stderr: string, code: number): string {
  try {
    const { msg, details } = JSON.parse(stdout) as { readonly msg?: string; readonly details?: string };
    if (msg) return details ? `${msg}: ${details}` : msg;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return (stderr || stdout).trim() || `exit code ${code}`;
}

/** Runs a plugin in the kubelet's own network namespace. `prefix` is put before it, e.g. `nsenter --net=…` to stand in another host. */
export function spawnPlugin(prefix: readonly string[] = []): PluginRunner {
  return (file, env, input) =>
    new Promise((resolve, reject) => {
      const [command, ...args] = [...prefix, file];
      const child = spawn(command ?? file, args, { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: TIMEOUT_MILLISECONDS });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
      child.stdin.once('error', reject);
      child.stdin.end(input);
    });
}

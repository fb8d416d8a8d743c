import type { Logger } from '../process/log.ts';
import { booleanFlag, describeFlags, FlagError, type FlagSet, type FlagValues, parseFlags } from '../process/flags.ts';
import type { ComponentCommand } from './component.ts';
import { clusterFlags, type ClusterSettings, clusterSettings, type HostIdentity } from './clusterSettings.ts';
import { COMPONENTS } from './components.ts';
import { gantryVersion } from './gantryVersion.ts';
import { InterruptedError, type Invocation, UserError } from './invocation.ts';

export interface Process extends Invocation {
  readonly host: HostIdentity;
  logger(component: string): Logger;
}

interface Command<F extends FlagSet> {
  readonly summary: string;
  readonly words?: string;
  /** Whether it needs to know which node this machine is. */
  readonly node?: boolean;
  readonly flags: F;
  run(settings: ClusterSettings, values: FlagValues<F>, words: readonly string[], process: Process): Promise<number | void>;
}

const define = <F extends FlagSet>(command: Command<F>): Command<FlagSet> => command;

/** What a person types; each is loaded when it is run. */
const COMMANDS: Readonly<Record<string, Command<FlagSet>>> = {
  up: define({
    summary: 'brings up the cluster of this machine, installing what is missing; run again, it changes nothing',
    node: true,
    flags: {},
    run: async (settings, _, __, process) => (await import('./up/up.ts')).up(settings, process.host.addresses, process),
  }),
  down: define({
    summary: 'stops the cluster and leaves the host as it was found; its data stays',
    flags: { purge: booleanFlag(false, 'remove the data too') },
    run: async (settings, { purge }, _, process) => (await import('./down/down.ts')).down(settings, purge, process),
  }),
  status: define({
    summary: "says of each component whether it runs, since when, and where its log is",
    flags: {},
    run: async (settings, _, __, process) => (await import('./commands/status.ts')).status(settings, process),
  }),
  logs: define({
    summary: "shows a component's log",
    words: 'COMPONENT',
    flags: { follow: booleanFlag(false, 'go on with what comes (also -f)') },
    run: async (settings, { follow }, [component], process) => (await import('./commands/logs.ts')).logs(settings, component, follow, process),
  }),
  kubeconfig: define({
    summary: "prints a kubeconfig for the cluster's administrator",
    flags: {},
    run: async (settings, _, __, { terminal }) => (await import('./commands/kubeconfig.ts')).printKubeconfig(settings, terminal),
  }),
  'image load': define({
    summary: "loads an image archive (docker save) into the node's engine",
    words: 'FILE',
    flags: {},
    run: async (settings, _, [file], process) => (await import('./commands/imageLoad.ts')).imageLoad(settings, file, process),
  }),
  version: define({
    summary: 'prints the version',
    flags: {},
    run: async (_, __, ___, { terminal }) => terminal.say(`gantry ${gantryVersion}`),
  }),
};

/** Runs one command line; gives the exit code. Mistakes of the user are one line on standard error. */
export async function runGantry(argv: readonly string[], process: Process): Promise<number> {
  const [name, words] = commandOf(argv);
  try {
    if (name === '' || name === 'image' || (name === 'help' && words.length === 0)) {
      process.terminal.say(overview());
      return name === 'image' && !wantsHelp(words) ? 1 : 0;
    }
    if (name === 'help') return await runGantry([...words, '--help'], process);
    if (Object.hasOwn(COMMANDS, name)) return await runCommand(name, COMMANDS[name]!, words, process);
    if (Object.hasOwn(COMPONENTS, name)) return await runComponent(await COMPONENTS[name]!(), words, process);
    throw new UserError(`unknown command "${name}" for "gantry"\nSee 'gantry --help' for the commands.`);
  } catch (error) {
    if (error instanceof FlagError) process.terminal.complain(`Error: ${error.message}\nSee 'gantry ${name} --help' for usage.`);
    else if (error instanceof UserError) process.terminal.complain(error.message);
    else if (isSystemError(error)) process.terminal.complain(`gantry ${name}: ${error.message}${mayBeRootOnly(error) ? `; run it as root (try: sudo gantry ${name})` : ''}`);
    else process.terminal.complain(`gantry ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return error instanceof InterruptedError ? 130 : 1;
  }
}

/** What the system says of a file or an address needs no stack. */
const isSystemError = (error: unknown): error is Error => error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code);

const mayBeRootOnly = (error: Error): boolean => 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM') && process.geteuid?.() !== 0;

function commandOf([first = '', ...rest]: readonly string[]): [name: string, words: readonly string[]] {
  if (first === '--help' || first === '-h') return ['help', rest];
  if (first === '--version') return ['version', rest];
  return first === 'image' && rest[0] === 'load' ? ['image load', rest.slice(1)] : [first, rest];
}

const wantsHelp = (words: readonly string[]): boolean => words.some((word) => word === '--help' || word === '-h');

async function runCommand(name: string, command: Command<FlagSet>, words: readonly string[], process: Process): Promise<number> {
  const flags = { ...clusterFlags, ...command.flags };
  if (wantsHelp(words)) {
    process.terminal.say(help(`${name}${command.words ? ` ${command.words}` : ''}`, command.summary, flags));
    return 0;
  }
  const { values, rest } = parseFlags(flags, words.map((word) => (word === '-f' && 'follow' in flags ? '--follow' : word)));
  const most = command.words ? 1 : 0;
  if (rest.length > most) throw new FlagError(`accepts at most ${most} arg(s), received ${rest.length}`);
  // Only what starts a node minds its name and address: a cluster can be taken down whatever the network is like.
  const host = command.node ? process.host : { hostname: 'localhost', addresses: ['127.0.0.1'] };
  return (await command.run(clusterSettings(values, host), values, rest, process)) ?? 0;
}

async function runComponent(component: ComponentCommand, words: readonly string[], process: Process): Promise<number> {
  const { terminal, host, clock, signal } = process;
  if (wantsHelp(words)) {
    terminal.say(help(component.name, component.summary, component.flags));
    return 0;
  }
  const { values, rest } = parseFlags(component.flags, words);
  if (rest.length > 0) throw new FlagError(`unknown command "${rest[0]}" for "gantry ${component.name}"`);
  const log = process.logger(component.name);
  try {
    const running = await component.start(values, clusterSettings(values, host), { clock, logger: log, signal });
    await running.stopped;
    return 0;
  } catch (error) {
    if (error instanceof FlagError) throw error;
    log.error('ends', { error });
    return 1;
  }
}

function help(usage: string, summary: string, flags: FlagSet): string {
  return `${summary[0]!.toUpperCase()}${summary.slice(1)}.\n\nUsage:\n  gantry ${usage} [flags]\n\nFlags:\n${describeFlags(flags)}`;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  return `Gantry: a Kubernetes cluster on this machine.\n\nUsage:\n  gantry COMMAND [flags]\n\nCommands:\n${lines.join('\n')}\n\nComponents, each in a process of its own:\n  ${Object.keys(COMPONENTS).join(', ')}\n\nFlags of a command: gantry COMMAND --help`;
}

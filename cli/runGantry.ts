import { describeFlags, FlagError, type FlagSet, parseFlags } from '../process/flags.ts';
import type { ComponentCommand } from './component.ts';
import { clusterFlags, clusterSettings } from './clusterSettings.ts';
import { type Command, COMMANDS, type Process } from './commands.ts';
import { COMPONENTS } from './components.ts';
import { logSettingsOf } from './components/loggingFlags.ts';
import { InterruptedError, UserError } from './invocation.ts';

/** Runs one command line; gives the exit code. Mistakes of the user are one line on standard error. */
export async function runGantry(argv: readonly string[], process: Process): Promise<number> {
  const [name, words] = commandOf(argv);
  try {
    const family = Object.keys(COMMANDS).some((each) => each.startsWith(`${name} `));
    if (name === '' || family || (name === 'help' && words.length === 0)) {
      process.terminal.say(overview(family ? name : undefined));
      return family && !wantsHelp(words) ? 1 : 0;
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
  const both = `${first} ${rest[0] ?? ''}`;
  return Object.hasOwn(COMMANDS, both) ? [both, rest.slice(1)] : [first, rest];
}

const wantsHelp = (words: readonly string[]): boolean => words.some((word) => word === '--help' || word === '-h');

async function runCommand(name: string, command: Command<FlagSet>, words: readonly string[], process: Process): Promise<number> {
  const flags = { ...clusterFlags, ...command.flags };
  if (wantsHelp(words)) {
    process.terminal.say(help(`${name}${command.words ? ` ${command.words}` : ''}`, command.summary, flags));
    return 0;
  }
  const { values, rest } = parseFlags(flags, words);
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
  const log = process.logger(component.name, logSettingsOf(values));
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

/** All commands, or those of one family such as `image`. */
function overview(family?: string): string {
  const listed = Object.entries(COMMANDS).filter(([name]) => family === undefined || name.startsWith(`${family} `));
  const lines = listed.map(([name, { summary }]) => `  ${name.padEnd(16)} ${summary}`);
  const components = family === undefined ? `\n\nComponents, each in a process of its own:\n  ${Object.keys(COMPONENTS).join(', ')}` : '';
  return `Gantry: a Kubernetes cluster on this machine.\n\nUsage:\n  gantry COMMAND [flags]\n\nCommands:\n${lines.join('\n')}${components}\n\nFlags of a command: gantry COMMAND --help`;
}

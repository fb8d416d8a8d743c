import { booleanFlag, durationFlag, type FlagSet, type FlagValues, integerFlag, listFlag, stringFlag } from '../process/flags.ts';
import type { Logger, LogSettings } from '../process/log.ts';
import type { ClusterSettings, HostIdentity } from './clusterSettings.ts';
import { containerFlags } from './containers/flags.ts';
import { gantryVersion } from './gantryVersion.ts';
import type { Invocation } from './invocation.ts';
import { joinFlags, leaveFlags, upFlags } from './join/flags.ts';

/** What a command line runs in. */
export interface Process extends Invocation {
  readonly host: HostIdentity;
  logger(component: string, settings: LogSettings): Logger;
}

export interface Command<F extends FlagSet> {
  readonly summary: string;
  readonly words?: string;
  /** Whether it needs to know which node this machine is. */
  readonly node?: boolean;
  readonly flags: F;
  run(settings: ClusterSettings, values: FlagValues<F>, words: readonly string[], process: Process): Promise<number | void>;
}

const define = <F extends FlagSet>(command: Command<F>): Command<FlagSet> => command;

const etcdFlags = {
  endpoints: listFlag([], "URLs of etcd's members; unless given, the etcd of this machine's cluster"),
  cacert: stringFlag('', "authority of etcd's certificates; unless given, the cluster's"),
  cert: stringFlag('', 'certificate for etcd'),
  key: stringFlag('', 'its key'),
};

/** What a person types, by its one or two words; each is loaded when it is run. */
export const COMMANDS: Readonly<Record<string, Command<FlagSet>>> = {
  up: define({
    summary: 'brings up the cluster of this machine, installing what is missing; run again, it changes nothing',
    node: true,
    flags: { ...upFlags, ...containerFlags },
    run: async (settings, flags, _, process) => {
      if (flags.nodes > 0) return (await import('./containers/upContainers.ts')).upContainers(settings, flags, process);
      return (await import('./up/up.ts')).up(settings, process.host, flags, process);
    },
  }),
  join: define({
    summary: 'makes this machine a node of a cluster; gantry token create prints the whole line',
    words: 'HOST:PORT',
    node: true,
    flags: joinFlags,
    run: async (settings, flags, [address], process) => (await import('./join/join.ts')).join(settings, address, flags, process.host, process),
  }),
  leave: define({
    summary: 'takes this machine out of its cluster, and everything of the cluster off it',
    node: true,
    flags: leaveFlags,
    run: async (settings, flags, _, process) => (await import('./join/leave.ts')).leave(settings, flags, process.host, process),
  }),
  'token create': define({
    summary: 'prints the line by which another machine joins this cluster',
    node: true,
    flags: {
      ttl: durationFlag(24 * 3_600_000, 'how long the token counts; 0: for ever'),
      description: stringFlag('', 'what it is for'),
      'control-plane': booleanFlag(false, 'for a machine that becomes a control plane: its line also bears the key of the certificates that all of them share'),
    },
    run: async (settings, values, _, process) => (await import('./join/tokenCommands.ts')).tokenCreate(settings, values.ttl, values.description, values['control-plane'], process),
  }),
  'token list': define({
    summary: 'shows the tokens by which machines can join',
    flags: {},
    run: async (settings, _, __, process) => (await import('./join/tokenCommands.ts')).tokenList(settings, process),
  }),
  'token delete': define({
    summary: 'makes a token void',
    words: 'TOKEN',
    flags: {},
    run: async (settings, _, [token], process) => (await import('./join/tokenCommands.ts')).tokenDelete(settings, token, process),
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
    flags: { follow: { ...booleanFlag(false, 'go on with what comes'), shorthand: 'f' } },
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
  'certs check': define({
    summary: 'says when each certificate of this machine ends; the exit code is 1 when one does within 30 days',
    flags: { output: stringFlag('text', 'text or json') },
    run: async (settings, { output }, _, process) => (await import('./certs/commands.ts')).certsCheck(settings, output, process),
  }),
  'certs renew': define({
    summary: 'renews the certificates that this machine can sign, or the one that is named; what runs takes them by itself',
    words: '[NAME]',
    flags: {},
    run: async (settings, _, [name], process) => (await import('./certs/commands.ts')).certsRenew(settings, name, process),
  }),
  'certs create': define({
    summary: 'makes the authorities, certificates and kubeconfigs of a control plane where they are missing, and starts nothing',
    node: true,
    flags: { 'apiserver-cert-extra-sans': listFlag([], "further names and addresses of the servers' certificates") },
    run: async (settings, values, _, process) => (await import('./certs/create.ts')).certsCreate(settings, [...process.host.addresses, ...values['apiserver-cert-extra-sans']], process),
  }),
  'snapshot save': define({
    summary: "saves the cluster's state while it runs, once or by a schedule",
    words: '[FILE | FOLDER]',
    flags: {
      schedule: stringFlag('', 'how often the server of this machine takes one into FOLDER, e.g. 1h; off: no longer'),
      keep: integerFlag(24, 'how many of a schedule are kept'),
      ...etcdFlags,
    },
    run: async (settings, { schedule, keep, ...etcd }, [file], process) => (await import('./snapshot/commands.ts')).snapshotSave(settings, file, schedule, keep, etcd, process),
  }),
  'snapshot status': define({
    summary: 'checks a snapshot and says what is in it',
    words: 'FILE',
    flags: { output: stringFlag('text', 'text or json') },
    run: async (_, { output }, [file], process) => (await import('./snapshot/commands.ts')).showSnapshotStatus(file, output, process),
  }),
  'snapshot restore': define({
    summary: "brings this machine's cluster up again from a snapshot; the data before is moved aside",
    words: 'FILE',
    node: true,
    flags: {
      stop: booleanFlag(false, 'stop a cluster that runs for it, and start it again; pods go on'),
      'skip-hash-check': booleanFlag(false, "take a file without a hash, such as a copy of etcd's database"),
      raise: integerFlag(1_000_000_000, 'how far resourceVersions go up'),
      'data-dir': stringFlag('', "make this folder, for an etcd that is not of this machine's cluster, and nothing else"),
      'member-name': stringFlag('', 'with --data-dir: the name of the etcd member'),
      'peer-url': stringFlag('', 'with --data-dir: its URL for other members'),
    },
    run: async (settings, values, [file], process) => {
      const options = { stop: values.stop, skipHashCheck: values['skip-hash-check'], raise: values.raise, dataDir: values['data-dir'], memberName: values['member-name'], peerUrl: values['peer-url'] };
      return (await import('./snapshot/restore.ts')).snapshotRestore(settings, file ?? '', options, process);
    },
  }),
  version: define({
    summary: 'prints the version',
    flags: {},
    run: async (_, __, ___, { terminal }) => terminal.say(`gantry ${gantryVersion}`),
  }),
};

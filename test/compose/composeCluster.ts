import { join } from 'node:path';
import type { CommandResult } from '../../host/command.ts';
import { unpackPackages } from '../rig/aptArchive.ts';
import type { ExecOptions, RigHost } from '../rig/host.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { BASE_IMAGE, buildImages, composeContext, composeServices } from './composeImages.ts';

/** `docker-compose` of the machine's Debian release, or of a newer one. */
export type ComposeVersion = '1.29' | '2';

export interface ComposeOptions {
  readonly version?: ComposeVersion;
  /** Variables of `docker-compose.yml`, over `SHORT_TIMES`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Tells two clusters of one host apart. */
  readonly project?: string;
}

/** A lost node, or leader, is noticed within seconds. */
export const SHORT_TIMES = {
  GANTRY_HEALTH_INTERVAL: '4s',
  GANTRY_NODE_STATUS_FREQUENCY: '2s',
  GANTRY_NODE_LEASE_DURATION: '8s',
  GANTRY_NODE_MONITOR_PERIOD: '1s',
  GANTRY_NODE_MONITOR_GRACE_PERIOD: '8s',
  GANTRY_LEASE_DURATION: '6s',
  GANTRY_RENEW_DEADLINE: '4s',
  GANTRY_RETRY_PERIOD: '1s',
} as const;

/** For Compose of another release than the machine's; a folder of unpacked packages. */
function composeProgram(version: ComposeVersion): string {
  if (version === '1.29') return 'docker-compose';
  const folder = join(repositoryRoot, '.cache', 'compose', 'v2');
  unpackPackages('trixie', ['docker-compose'], folder);
  return join(folder, 'usr/libexec/docker/cli-plugins/docker-compose');
}

/**
 * The cluster of `docker-compose.yml` on a rig host, from images made of this checkout's `dist/`. Services are called as in that file.
 *
 * ```ts
 * const rig = await createRig();
 * const cluster = await startComposeCluster(await rig.addHost('compose'));
 * await cluster.kubectl('get', 'nodes');
 * await cluster.stop();
 * ```
 */
export class ComposeCluster {
  readonly host: RigHost;
  /** The administrator's, as a path in the host. */
  readonly kubeconfig: string;
  /** Those that go on running: `etcd-1`, `apiserver-2`, `node-3`, … */
  readonly services: readonly string[] = composeServices();
  readonly #program: string;
  readonly #project: string;
  readonly #context: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(host: RigHost, context: string, { version = '1.29', environment = {}, project = 'gantry' }: ComposeOptions) {
    this.host = host;
    this.kubeconfig = `/root/${project}.kubeconfig`;
    this.#program = composeProgram(version);
    this.#project = project;
    this.#context = context;
    this.#environment = { ...SHORT_TIMES, GANTRY_BASE_IMAGE: BASE_IMAGE, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0', ...environment };
  }

  /** Runs Compose on the cluster; gives standard output. */
  compose(words: readonly string[], options: ExecOptions = {}): Promise<string> {
    const [program, file] = [this.#program, join(this.#context, 'docker-compose.yml')];
    return this.host.check([program, '--project-name', this.#project, '--file', file, ...words], { timeoutMilliseconds: 180_000, ...options, env: { ...this.#environment, ...options.env } });
  }

  /** Starts what does not run, and waits until the API answers, all are healthy and every node is Ready. */
  async start(): Promise<void> {
    await this.compose(['up', '--detach']);
    await this.writeKubeconfig();
    await this.healthy();
  }

  async writeKubeconfig(): Promise<void> {
    const text = await this.compose(['run', '--rm', '-T', 'certificates', 'kubeconfig']);
    await this.host.check(['sh', '-c', `umask 077; cat > ${this.kubeconfig}`], { input: text });
  }

  /** Waits until every service is healthy and every node Ready. */
  async healthy(timeoutMilliseconds = 120_000): Promise<void> {
    await eventually('every service is healthy', timeoutMilliseconds, async () => ([...(await this.health()).values()].every((each) => each === 'healthy') ? true : undefined));
    await eventually('every node is Ready', timeoutMilliseconds, async () => {
      const { stdout } = await this.tryKubectl('get', 'nodes', '--no-headers');
      const lines = stdout.split('\n').filter(Boolean);
      return lines.length === 3 && lines.every((line) => / Ready /.test(line)) ? true : undefined;
    });
  }

  /** What the engine says of each service: `healthy`, `unhealthy`, `starting`, or `absent`. */
  async health(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await this.docker('ps', '--all', '--filter', `label=com.docker.compose.project=${this.#project}`, '--format', '{{.Label "com.docker.compose.service"}} {{.Status}}');
    const told = new Map(stdout.split('\n').map((line): [string, string] => [line.split(' ')[0]!, /\((?:health: )?(\w+)\)$/.exec(line)?.[1] ?? 'absent']));
    return new Map(this.services.map((service) => [service, told.get(service) ?? 'absent']));
  }

  /** kubectl as the administrator; any other exit code than 0 is an error. Gives standard output. */
  kubectl(...words: string[]): Promise<string> {
    return this.host.check([kubectlPath('1.32'), `--kubeconfig=${this.kubeconfig}`, ...words], { timeoutMilliseconds: 120_000 });
  }

  /** The same, whatever the exit code. */
  tryKubectl(...words: string[]): Promise<CommandResult> {
    return this.host.exec([kubectlPath('1.32'), `--kubeconfig=${this.kubeconfig}`, '--request-timeout=10s', ...words], { timeoutMilliseconds: 30_000 });
  }

  /** Runs a command in a service's container, whatever its exit code. */
  exec(service: string, words: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    return this.host.exec(['docker', 'exec', ...(options.input === undefined ? [] : ['--interactive']), ...Object.entries(options.env ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]), this.container(service), ...words], options);
  }

  /** The container's name, which the versions of Compose put together differently. */
  container(service: string): string {
    return `${this.#project}${this.#separator}${service}${this.#separator}1`;
  }

  /** Sends a signal to a service's first process; the engine starts it again when it ends. */
  async kill(service: string, signal = 'KILL'): Promise<void> {
    // `docker kill` would be taken for the wish of a user, after which nothing is started again.
    await this.host.check(['kill', '-s', signal, String(await this.pid(service))]);
  }

  /** A service's first process, by the host's count. */
  async pid(service: string): Promise<number> {
    const pid = Number((await this.docker('inspect', '--format', '{{.State.Pid}}', this.container(service))).stdout);
    if (!(pid > 0)) throw new Error(`${service} does not run`);
    return pid;
  }

  /** Every process of the service stands still. */
  pause(service: string): Promise<unknown> {
    return this.#engine('pause', service);
  }

  unpause(service: string): Promise<unknown> {
    return this.#engine('unpause', service);
  }

  /** At once, as when the power fails: nothing starts it again before `start`. */
  powerCut(service: string): Promise<unknown> {
    return this.#engine('kill', service);
  }

  stopService(service: string): Promise<unknown> {
    return this.#engine('stop', service);
  }

  startService(service: string): Promise<unknown> {
    return this.#engine('start', service);
  }

  restart(service: string): Promise<unknown> {
    return this.#engine('restart', service);
  }

  /** A service's address in the cluster's network. */
  async address(service: string): Promise<string> {
    return (await this.docker('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', this.container(service))).stdout.trim();
  }

  /** Runs a command in a service's network namespace with the programs of the host. */
  async inNetwork(service: string, words: readonly string[]): Promise<string> {
    return this.host.check(['nsenter', '--target', String(await this.pid(service)), '--net', ...words]);
  }

  /** Packets between a service and others (all, unless told) are lost in both directions until the function that it gives is called. */
  async cut(service: string, from: readonly string[] = this.services.filter((each) => each !== service)): Promise<() => Promise<void>> {
    const addresses = await Promise.all(from.map((each) => this.address(each)));
    const pid = String(await this.pid(service));
    const change = async (verb: string): Promise<void> => {
      const rules = addresses.filter(Boolean).flatMap((each) => [`${verb} PREROUTING -s ${each} -j DROP`, `${verb} OUTPUT -d ${each} -j DROP`]);
      const lines = ['*raw', ...rules, 'COMMIT', ''];
      await this.host.check(['nsenter', '--target', pid, '--net', 'iptables-restore', '--noflush', '--wait'], { input: lines.join('\n') });
    };
    await change('-I');
    return () => change('-D');
  }

  /** The folder of a named volume, as the host reaches it. */
  async volumePath(volume: string): Promise<string> {
    return (await this.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', `${this.#project}_${volume}`)).stdout.trim();
  }

  /** Loads images into the engines of the nodes: archives in the host, by reference. */
  async importImage(archive: string, reference: string, changes: readonly string[]): Promise<void> {
    for (const node of this.services.filter((each) => each.startsWith('node-'))) {
      const words = ['sh', '-c', 'archive=$1; shift; exec "$@" <"$archive"', 'sh', archive, 'docker', 'exec', '--interactive', this.container(node), 'docker', 'import'];
      await this.host.check([...words, ...changes.flatMap((change) => ['--change', change]), '-', reference], { timeoutMilliseconds: 120_000 });
    }
  }

  /** Removes the containers, networks and volumes. */
  async remove(): Promise<void> {
    await this.compose(['down', '--volumes', '--timeout', '5']);
  }

  async docker(...words: string[]): Promise<CommandResult> {
    return this.host.exec(['docker', ...words]);
  }

  async #engine(verb: string, service: string): Promise<void> {
    await this.host.check(['docker', verb, this.container(service)]);
  }

  get #separator(): string {
    return this.#program === 'docker-compose' ? '_' : '-';
  }
}

/** Starts an engine in the host where none runs, makes the images and brings the cluster up; all its services are healthy then. */
export async function startComposeCluster(host: RigHost, options: ComposeOptions = {}): Promise<ComposeCluster> {
  if ((await host.exec(['docker', 'info'], { timeoutMilliseconds: 5_000 })).code !== 0) await host.startDocker();
  const context = composeContext();
  await buildImages(host, context);
  const cluster = new ComposeCluster(host, context, options);
  await cluster.start();
  return cluster;
}

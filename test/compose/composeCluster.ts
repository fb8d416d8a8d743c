import { join } from 'node:path';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import type { CommandResult } from '../../host/command.ts';
import type { Subject } from '../chaos/experiment.ts';
import { unpackPackages } from '../rig/aptArchive.ts';
import type { ExecOptions, RigHost } from '../rig/host.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { delay, eventually } from '../rig/processes.ts';
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

/** A lost node, or leader, is noticed within seconds; a busy one is not taken for lost. */
export const SHORT_TIMES = {
  GANTRY_HEALTH_INTERVAL: '4s',
  GANTRY_NODE_STATUS_FREQUENCY: '1s',
  GANTRY_NODE_LEASE_DURATION: '4s',
  GANTRY_NODE_MONITOR_PERIOD: '1s',
  GANTRY_NODE_MONITOR_GRACE_PERIOD: '12s',
  GANTRY_LEASE_DURATION: '4s',
  GANTRY_RENEW_DEADLINE: '3s',
  GANTRY_RETRY_PERIOD: '500ms',
} as const;

/** Between two questions while a test waits: each costs a process or two, on the cores on which the cluster is coming up. */
const PAUSE_MILLISECONDS = 400;

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
export class ComposeCluster implements Subject {
  readonly host: RigHost;
  readonly leaseMilliseconds: number;
  /** The administrator's, as a path in the host. */
  readonly kubeconfig: string;
  /** Those that go on running: `etcd-1`, `apiserver-2`, `node-3`, … */
  readonly services: readonly string[] = composeServices();
  readonly #program: string;
  readonly #project: string;
  /** The folder of the host with `docker-compose.yml`. */
  readonly context: string;
  readonly #environment: Readonly<Record<string, string>>;
  /** The administrator's, by the port that the host serves. */
  #administrator: ClientConfig | undefined;

  constructor(host: RigHost, context: string, { version = '1.29', environment = {}, project = 'gantry' }: ComposeOptions) {
    this.host = host;
    this.kubeconfig = `/root/${project}.kubeconfig`;
    this.#program = composeProgram(version);
    this.#project = project;
    this.context = context;
    this.#environment = { ...SHORT_TIMES, GANTRY_BASE_IMAGE: BASE_IMAGE, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0', ...environment };
    this.leaseMilliseconds = Number.parseFloat(this.#environment['GANTRY_LEASE_DURATION']!) * 1000;
  }

  /** The host itself reaches every container. */
  get client(): RigHost {
    return this.host;
  }

  /** By the balancer. */
  get all(): ClientConfig {
    return this.#by('9');
  }

  get servers(): readonly ClientConfig[] {
    return [this.#by('21'), this.#by('22')];
  }

  #by(part: string): ClientConfig {
    this.#administrator ??= loadKubeconfig(this.host.path(this.kubeconfig));
    return { ...this.#administrator, servers: [`https://${this.#network}.${part}:6443`] };
  }

  /** The first three parts of the containers' addresses. */
  get #network(): string {
    return this.#environment['GANTRY_NETWORK'] ?? '10.241.0';
  }

  /** Runs Compose on the cluster; gives standard output. */
  compose(words: readonly string[], options: ExecOptions = {}): Promise<string> {
    const [program, file] = [this.#program, join(this.context, 'docker-compose.yml')];
    return this.host.check([program, '--project-name', this.#project, '--file', file, ...words], { timeoutMilliseconds: 400_000, ...options, env: { ...this.#environment, ...options.env } });
  }

  /** Starts what does not run, and waits until the API answers, all are healthy and every node is Ready. */
  async start(): Promise<void> {
    await this.compose(['up', '--detach']);
    if ((await this.host.exec(['test', '-s', this.kubeconfig])).code !== 0) await this.writeKubeconfig();
    await this.healthy();
  }

  async writeKubeconfig(): Promise<void> {
    const text = await this.compose(['run', '--rm', '-T', 'certificates', 'kubeconfig']);
    await this.host.check(['sh', '-c', `umask 077; cat > ${this.kubeconfig}`], { input: text });
  }

  /** Waits until the engine finds every service healthy and every node is Ready. */
  async healthy(timeoutMilliseconds = 400_000): Promise<void> {
    await this.#until('every service is healthy', timeoutMilliseconds, async () => [...(await this.health()).values()].every((each) => each === 'healthy'));
    await this.#nodesReady(timeoutMilliseconds);
  }

  /** The same, by asking each part itself: the engine asks only every few seconds, and may not know yet. */
  async healed(timeoutMilliseconds = 180_000): Promise<void> {
    await this.#until('every service runs', timeoutMilliseconds, async () => ![...(await this.health()).values()].includes('absent'));
    const members = this.services.filter((each) => each.startsWith('etcd-'));
    await Promise.all([
      ...this.servers.flatMap(({ servers }) => servers).map((server) => this.#until(`${server} is ready`, timeoutMilliseconds, async () => (await this.tryKubectl(`--server=${server}`, 'get', '--raw', '/readyz')).stdout === 'ok')),
      ...members.map((member) => this.#until(`${member} is healthy`, timeoutMilliseconds, async () => (await this.exec(member, ['etcdctl', '--command-timeout=10s', 'endpoint', 'health'])).code === 0)),
    ]);
    await this.#nodesReady(timeoutMilliseconds);
  }

  #nodesReady(timeoutMilliseconds: number): Promise<true> {
    return this.#until('every node is Ready', timeoutMilliseconds, async () => {
      const { stdout } = await this.tryKubectl('get', 'nodes', '--no-headers');
      const lines = stdout.split('\n').filter(Boolean);
      return lines.length === 3 && lines.every((line) => / Ready /.test(line));
    });
  }

  #until(what: string, timeoutMilliseconds: number, holds: () => Promise<boolean>): Promise<true> {
    return eventually(what, timeoutMilliseconds, async () => (await holds()) || delay(PAUSE_MILLISECONDS).then(() => undefined));
  }

  /** What the engine says of each service: `healthy`, `unhealthy`, `starting`, or `absent`. */
  async health(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await this.docker('ps', '--all', '--filter', `label=com.docker.compose.project=${this.#project}`, '--format', '{{.Label "com.docker.compose.service"}} {{.Status}}');
    const told = new Map(stdout.split('\n').map((line): [string, string] => [line.split(' ')[0]!, /\((?:health: )?(\w+)\)$/.exec(line)?.[1] ?? 'absent']));
    return new Map(this.services.map((service) => [service, told.get(service) ?? 'absent']));
  }

  /** kubectl as the administrator; any other exit code than 0 is an error. Gives standard output. */
  kubectl(...words: string[]): Promise<string> {
    return this.host.check([kubectlPath('1.32'), `--kubeconfig=${this.kubeconfig}`, ...words], { timeoutMilliseconds: 300_000 });
  }

  /** The same, whatever the exit code. */
  tryKubectl(...words: string[]): Promise<CommandResult> {
    return this.host.exec([kubectlPath('1.32'), `--kubeconfig=${this.kubeconfig}`, '--request-timeout=10s', ...words], { timeoutMilliseconds: 60_000 });
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

  /** The engine's name of a named volume. */
  volume(name: string): string {
    return `${this.#project}_${name}`;
  }

  /** The folder of a named volume, as the host reaches it. */
  async volumePath(volume: string): Promise<string> {
    return (await this.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', this.volume(volume))).stdout.trim();
  }

  /** Loads images into the engines of the nodes: archives in the host, by reference. */
  async importImage(archive: string, reference: string, changes: readonly string[]): Promise<void> {
    const words = ['sh', '-c', 'archive=$1; shift; exec "$@" <"$archive"', 'sh', archive, 'docker', 'exec', '--interactive'];
    const load = ['docker', 'import', ...changes.flatMap((change) => ['--change', change]), '-', reference];
    const nodes = this.services.filter((each) => each.startsWith('node-'));
    await Promise.all(nodes.map((node) => this.host.check([...words, this.container(node), ...load], { timeoutMilliseconds: 300_000 })));
  }

  /** Removes the containers, networks and volumes. */
  async remove(): Promise<void> {
    await this.compose(['down', '--volumes', '--timeout', '5']);
    await this.host.check(['rm', '-f', this.kubeconfig]);
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
  if ((await host.exec(['docker', 'info'], { timeoutMilliseconds: 30_000 })).code !== 0) await host.startDocker();
  const context = composeContext(host);
  await buildImages(host, context);
  const cluster = new ComposeCluster(host, context, options);
  await cluster.start();
  return cluster;
}

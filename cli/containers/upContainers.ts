import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandError } from '../../host/command.ts';
import { parse } from 'yaml';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { readPlan } from '../supervisor/supervisorFiles.ts';
import { inTurn } from '../turn.ts';
import { askEngine } from '../up/hostFacts.ts';
import { readBuildInfo } from '../up/installVersion.ts';
import { type KubeconfigEntry, mergeContext, rewriteKubeconfig, userKubeconfigFile } from '../userKubeconfig.ts';
import { askDocker, dockerHas, inMachine } from './engine.ts';
import type { ContainerFlags } from './flags.ts';
import { type ContainerCluster, readContainerCluster, writeContainerCluster } from './record.ts';

const BUILD_MILLISECONDS = 15 * 60_000;
const BOOT_MILLISECONDS = 120_000;
/** Of the cluster, and not of this computer. */
const FLAGS_OF_CLUSTER = ['cluster-cidr', 'service-cluster-ip-range', 'cluster-domain', 'node-network-mode', 'set'];

/** Makes a cluster of containers, each a machine on which `up` or `join` is typed; what is there already is left. Throws a `UserError`. */
export async function upContainers(settings: ClusterSettings, flags: ContainerFlags, invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError('gantry up must be run as root (try: sudo gantry up --nodes …).');
  const { nodes: count, 'control-planes': controlPlanes } = flags;
  if (count < controlPlanes || ![1, 3, 5].includes(controlPlanes)) throw new UserError(`--nodes=${count} --control-planes=${controlPlanes}: control planes are 1, 3 or 5 of the nodes (etcd needs a majority of them).`);
  return inTurn(settings, invocation, async () => {
    const { terminal } = invocation;
    if (readPlan(settings.paths)) throw new UserError(`This machine is itself a node of ${settings.name}. Give the containers' cluster another name: --name=NAME`);
    const cluster = planned(settings, count, controlPlanes);
    if (!(await askEngine(settings.dockerSocket))) throw new UserError(`No Docker engine answers on ${settings.dockerSocket}. Install and start one: apt-get install docker.io`);
    const image = await machineImage(settings, flags['base-image'], invocation);
    writeContainerCluster(settings.paths, cluster);
    if (!(await dockerHas(settings, 'network', cluster.network))) await askDocker(settings, ['network', 'create', '--subnet', flags['container-network'], cluster.network]);
    terminal.say(`Starting ${cluster.nodes.join(', ')}`);
    for (const [at, node] of cluster.nodes.entries()) await startMachine(settings, { node, at, image, flags, network: cluster.network }, invocation);
    await told(() => bringUp(settings, cluster, invocation));
    writeKubeconfig(settings, cluster, await inMachine(settings, cluster.nodes[0]!, ['gantry', 'kubeconfig']), flags['container-port'], invocation);
    terminal.say(`\nThe cluster is up: ${count} nodes, context ${settings.name}. Try:\n\n  kubectl get nodes -o wide\n  gantry image load FILE\n  docker exec -it ${cluster.nodes[0]!} bash`);
  });
}

function planned({ name, paths }: ClusterSettings, count: number, controlPlanes: number): ContainerCluster {
  const present = readContainerCluster(paths);
  if (present && (present.nodes.length !== count || present.controlPlanes !== controlPlanes)) {
    throw new UserError(`The cluster ${name} has ${present.nodes.length} nodes already, ${present.controlPlanes} of them control planes. Remove it first: gantry down`);
  }
  return present ?? { nodes: Array.from({ length: count }, (_, at) => `${name}-${at + 1}`), controlPlanes, network: name };
}

/** The image of this very build, made where the engine has not got it. */
async function machineImage(settings: ClusterSettings, base: string, { build, terminal }: Invocation): Promise<string> {
  const { version, hash } = readBuildInfo(build);
  const image = `gantry-machine:${version}-${hash}`;
  if (await dockerHas(settings, 'image', image)) return image;
  const checkout = dirname(build);
  const file = join(checkout, 'deploy', 'machine', 'Dockerfile');
  if (!existsSync(file)) throw new UserError(`There is no ${file}: the image of the nodes is made in a checkout (npm run build, then bin/gantry up --nodes …).`);
  terminal.say(`Making the image ${image}`);
  await told(() => askDocker(settings, ['build', '--quiet', '--tag', image, '--build-arg', `BASE=${base}`, '--file', file, checkout], BUILD_MILLISECONDS));
  return image;
}

interface Machine {
  readonly node: string;
  /** From 0. */
  readonly at: number;
  readonly image: string;
  readonly flags: ContainerFlags;
  readonly network: string;
}

async function startMachine(settings: ClusterSettings, { node, at, image, flags, network }: Machine, { clock, signal }: Invocation): Promise<void> {
  if (await dockerHas(settings, 'container', node)) await askDocker(settings, ['start', node]);
  else {
    const address = flags['container-network'].replace(/\.\d+\/\d+$/, `.${at + 11}`);
    const environment = ['--env', `RANGES=${settings.serviceCIDR} ${settings.clusterCIDR}`, '--env', `DNS_ADDRESS=${settings.dnsAddress}`];
    const published = at === 0 ? ['--publish', `127.0.0.1:${flags['container-port']}:6443`] : [];
    const modules = existsSync('/lib/modules') ? ['--volume', '/lib/modules:/lib/modules:ro'] : [];
    await told(() => askDocker(settings, ['run', '--detach', '--privileged', '--restart', 'unless-stopped', '--stop-timeout', '60', '--name', node, '--hostname', node, '--network', network, '--ip', address, '--tmpfs', '/run', '--tmpfs', '/tmp', ...environment, ...published, ...modules, image]));
  }
  for (const end = clock.monotonic() + BOOT_MILLISECONDS; ; await clock.sleep(200, signal)) {
    if ((await askDocker(settings, ['exec', node, 'sh', '-c', '[ ! -e /run/booted ] || echo booted'])).includes('booted')) return;
    if (clock.monotonic() > end) throw new UserError(`The container ${node} does not boot; why: docker logs ${node}`);
  }
}

/** The first machine is a cluster; the others join it, control planes one after the other. */
async function bringUp(settings: ClusterSettings, { nodes, controlPlanes }: ContainerCluster, { terminal }: Invocation): Promise<void> {
  const [first = '', ...others] = nodes;
  const words = [...settings.words.filter((word) => FLAGS_OF_CLUSTER.some((flag) => word.startsWith(`--${flag}=`))), '--set=kubelet.resolv-conf=/etc/gantry/pod-resolv.conf'];
  await inMachine(settings, first, ['gantry', 'up', ...words]);
  terminal.say(`  ${first} is up`);
  const ofJoining = words.filter((word) => word.startsWith('--set=') || word.startsWith('--node-network-mode='));
  const line = async (...extra: string[]): Promise<string[]> => (await inMachine(settings, first, ['gantry', 'token', 'create', '--ttl=15m', ...extra])).trim().split(' ');
  for (const node of others.slice(0, controlPlanes - 1)) {
    await inMachine(settings, node, [...(await line('--control-plane')), '--etcd', ...ofJoining]);
    terminal.say(`  ${node} has joined, as a control plane`);
  }
  const workers = others.slice(controlPlanes - 1);
  if (workers.length === 0) return;
  const joining = [...(await line()), ...ofJoining];
  await Promise.all(
    workers.map(async (node) => {
      await inMachine(settings, node, joining);
      terminal.say(`  ${node} has joined`);
    }),
  );
}

/** The context, with the address on this computer's loopback. */
function writeKubeconfig({ name, paths }: ClusterSettings, cluster: ContainerCluster, text: string, port: number, { environment, home, terminal }: Invocation): void {
  const { clusters, users } = parse(text) as { clusters: Array<{ cluster: KubeconfigEntry['cluster'] }>; users: Array<{ user: KubeconfigEntry['user'] }> };
  const entry: KubeconfigEntry = { cluster: { ...clusters[0]!.cluster, server: `https://127.0.0.1:${port}` }, user: users[0]!.user };
  const file = userKubeconfigFile(environment, home);
  writeContainerCluster(paths, { ...cluster, kubeconfig: file });
  if (rewriteKubeconfig(file, (before) => mergeContext(before, name, entry))) terminal.say(`Wrote the context ${name} to ${file}`);
}

/** What a command inside says is for the user, without a stack. */
async function told<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CommandError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

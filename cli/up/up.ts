import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import { parseFlags } from '../../process/flags.ts';
import type { ClusterSettings, HostIdentity } from '../clusterSettings.ts';
import { COMPONENTS } from '../components.ts';
import { changeHostRecord } from '../hostRecord.ts';
import { InterruptedError, type Invocation, UserError } from '../invocation.ts';
import { type ClusterConfiguration, publishCluster } from '../join/clusterConfiguration.ts';
import { promoteMember } from '../join/etcdMember.ts';
import { type MachineRole, readRole, WHOLE_CLUSTER, withRole, writeRole } from '../machineRole.ts';
import { inTurn } from '../turn.ts';
import { aptInstall } from '../packages/apt.ts';
import { startSupervisor } from '../supervisor/startSupervisor.ts';
import { planFile, type Service, type SupervisorPlan, writeJson } from '../supervisor/supervisorFiles.ts';
import { askEngine, hostFacts } from './hostFacts.ts';
import { BUILD_INFO, installVersion, readBuildInfo } from './installVersion.ts';
import { prepareKernel } from './kernel.ts';
import { markControlPlane } from './nodeRole.ts';
import { NO_ROOT, planUp, type Step } from './plan.ts';
import { NODE_FLAGS, services } from './services.ts';
import { configureEngine, engineConfiguration } from './engineConfiguration.ts';
import { startEngine } from './engineUnits.ts';
import { stopServices } from './stopServices.ts';
import { startUnits } from './systemd.ts';
import type { UpFlags } from '../join/flags.ts';
import { takeEtcdFiles } from './externalEtcd.ts';
import { makeCertificates } from './makeCertificates.ts';
import { waitForFile, waitForNode, waitForServer } from './waitForCluster.ts';
import { writeUserKubeconfig } from './writeUserKubeconfig.ts';

/** Brings this machine up in its role, a cluster of its own unless it has joined one, or sees that it is. Throws a `UserError` with what is in the way. */
export async function up(settings: ClusterSettings, host: HostIdentity, flags: UpFlags, invocation: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError(NO_ROOT);
  return inTurn(settings, invocation, async () => {
    const role = upRole(readRole(settings.paths), flags);
    const own = withRole(settings, role, host);
    if (flags['etcd-endpoints'].length > 0) takeEtcdFiles(own, flags);
    await bringUp(own, host.addresses, role, invocation);
  });
}

/** The role that the machine has, or that the flags give it. */
function upRole(present: MachineRole | undefined, { 'etcd-endpoints': endpoints, schedulable }: UpFlags): MachineRole {
  const role = { ...(present ?? WHOLE_CLUSTER), ...(schedulable ? { schedulable } : {}) };
  return endpoints.length === 0 ? role : { ...role, etcd: false, externalEtcd: { endpoints } };
}

/** Brings a machine up in a role, which it has from then on. */
export async function bringUp(settings: ClusterSettings, addresses: readonly string[], role: MachineRole, invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  if (!existsSync(join(invocation.build, BUILD_INFO))) throw new UserError('This is not a build of Gantry: run npm run build, then dist/gantry.mjs.');
  const { version, hash } = readBuildInfo(invocation.build);
  const wanted = `${version}-${hash}`;
  const facts = await hostFacts(settings, wanted, role);
  const plan = planUp(facts, role);
  if (plan.problems.length > 0) throw new UserError(plan.problems.join('\n'));
  await checkComponentFlags(settings);
  for (const warning of plan.warnings) terminal.say(`Warning: ${warning}`);
  writeRole(settings.paths, role);
  const run = new UpRun(settings, addresses, wanted, facts.systemd, role, invocation);
  for (const step of plan.steps) {
    await run.step(step);
    if (invocation.signal.aborted) throw new InterruptedError('Interrupted. What was started goes on; gantry up goes on from there, gantry down stops it.');
  }
  run.client?.close();
  const { nodeName, name } = settings;
  if (facts.running === 'this version') terminal.say(run.changed ? 'The cluster was up already.' : 'The cluster is up already; nothing was changed.');
  else if (!role.controlPlane) terminal.say(`\nThis machine is the node ${nodeName} of the cluster. On a control plane:\n\n  kubectl get nodes -o wide`);
  else terminal.say(`\nThe cluster is up: node ${nodeName}, context ${name}. Try:\n\n  kubectl get nodes -o wide\n  kubectl create deployment hello --image=IMAGE\n  bin/gantry status`);
}

/** A component that is given a flag which it does not have would only end, again and again. */
async function checkComponentFlags({ componentFlags }: ClusterSettings): Promise<void> {
  for (const [name, value] of Object.entries(componentFlags)) {
    const [component = '', flag = ''] = name.split(/\.(.*)/s);
    const load = Object.hasOwn(COMPONENTS, component) ? COMPONENTS[component] : undefined;
    if (!load) throw new UserError(`--set ${name}: there is no component "${component}" (there are ${Object.keys(COMPONENTS).join(', ')}).`);
    parseFlags((await load()).flags, [`--${flag}=${value}`]);
  }
}

/** Carries out the steps of a plan; later ones use what earlier ones have made. */
class UpRun {
  client: RestClient | undefined;
  changed = false;
  readonly #settings: ClusterSettings;
  readonly #addresses: readonly string[];
  readonly #version: string;
  readonly #systemd: boolean;
  readonly #role: MachineRole;
  readonly #invocation: Invocation;
  #superviseDocker = false;
  /** When this run started the services, in wall-clock milliseconds; 0 while it has not. */
  #startedAt = 0;

  constructor(settings: ClusterSettings, addresses: readonly string[], version: string, systemd: boolean, role: MachineRole, invocation: Invocation) {
    this.#settings = settings;
    this.#addresses = addresses;
    this.#version = version;
    this.#systemd = systemd;
    this.#role = role;
    this.#invocation = invocation;
  }

  get #folder(): string {
    return join(this.#settings.paths.versions, this.#version);
  }

  async step(step: Step): Promise<void> {
    const { terminal, clock } = this.#invocation;
    const { paths } = this.#settings;
    switch (step.kind) {
      case 'installPackages':
        aptInstall(step.packages, terminal);
        if (step.packages.some(({ name }) => name === 'docker.io')) changeHostRecord(paths, { dockerInstalled: true });
        return;
      case 'configureDocker':
        return configureEngine();
      case 'installVersion':
        terminal.say(`Installing Gantry ${this.#version} below ${paths.versions}`);
        installVersion(this.#invocation.build, this.#invocation.node, paths);
        return;
      case 'makeCertificates':
        return makeCertificates(this.#settings, this.#addresses, this.#role, this.#invocation);
      case 'prepareKernel':
        changeHostRecord(paths, {});
        return prepareKernel(paths);
      case 'stopServices':
        terminal.say('Stopping the version that runs (pods go on)');
        return stopServices(this.#settings, clock);
      case 'startDocker':
        if (step.by === 'supervisor') {
          this.#superviseDocker = true;
          changeHostRecord(paths, { dockerStarted: true });
        } else {
          terminal.say('Starting Docker');
          await startEngine(paths);
        }
        return;
      case 'startServices':
        return this.#startServices();
      case 'waitForServer':
        return waitForServer(this.#connect(), this.#invocation);
      case 'waitUntilReady':
        if (!this.#role.controlPlane) await waitForFile(this.#kubeconfig, this.#invocation);
        return waitForNode(this.#connect(), this.#settings, this.#startedAt, this.#invocation);
      case 'promoteMember':
        await promoteMember(this.#settings, this.#role.otherMembers ?? [], this.#invocation);
        return writeRole(paths, { ...this.#role, learner: false });
      case 'publishCluster':
        return publishCluster(this.#connect(), this.#settings, readFileSync(join(paths.pki, 'ca.crt'), 'utf8'), this.#etcd());
      case 'markControlPlane':
        return markControlPlane(this.#connect(), this.#settings.nodeName, this.#role.schedulable ?? false);
      case 'writeKubeconfig':
        this.changed = writeUserKubeconfig(this.#settings, this.#invocation);
    }
  }

  async #startServices(): Promise<void> {
    const { terminal, clock } = this.#invocation;
    const { paths, name } = this.#settings;
    const programs = { node: join(this.#folder, 'node'), gantry: join(this.#folder, 'gantry.mjs'), etcd: this.#role.etcd ? findProgram('etcd') : '', dockerd: this.#superviseDocker ? findProgram('dockerd') : undefined, dockerdKnowsLiveRestore: 'live-restore' in engineConfiguration() };
    const list: readonly Service[] = services(this.#settings, programs, this.#role);
    if (this.#role.etcd) mkdirSync(paths.etcdData, { recursive: true, mode: 0o700 });
    mkdirSync(join(paths.kubernetes, 'manifests'), { recursive: true });
    writeJson(planFile(paths), { version: this.#version, services: list } satisfies SupervisorPlan);
    terminal.say(`Starting ${list.map((service) => service.name).join(', ')}`);
    this.#startedAt = clock.now();
    changeHostRecord(paths, { containersRemoved: false });
    if (this.#systemd) await startUnits(name, list);
    else await startSupervisor([programs.node, ...NODE_FLAGS.supervisor, join(this.#folder, 'supervisor.mjs')], this.#settings, clock);
    if (this.#superviseDocker) await this.#waitForDocker();
  }

  async #waitForDocker(): Promise<void> {
    const { clock } = this.#invocation;
    const { dockerSocket, paths } = this.#settings;
    for (const end = clock.monotonic() + 120_000; !(await askEngine(dockerSocket)); await clock.sleep(100, this.#invocation.signal)) {
      if (this.#invocation.signal.aborted) return;
      if (clock.monotonic() > end) throw new UserError(`Docker does not answer on ${dockerSocket}. Its log is ${join(paths.logs, 'docker.log')}`);
    }
  }

  /** A worker speaks as its own node. */
  get #kubeconfig(): string {
    return join(this.#settings.paths.kubernetes, this.#role.controlPlane ? 'admin.conf' : 'kubelet.conf');
  }

  #connect(): RestClient {
    this.client ??= new RestClient(loadKubeconfig(this.#kubeconfig), { component: 'up', clock: this.#invocation.clock });
    return this.client;
  }

  #etcd(): ClusterConfiguration['etcd'] {
    const { externalEtcd, etcd } = this.#role;
    if (externalEtcd) return { external: true, endpoints: externalEtcd.endpoints };
    return { external: false, endpoints: etcd ? [`https://${this.#settings.nodeAddress}:${this.#settings.ports.etcdClient}`] : [] };
  }
}

function findProgram(name: string): string {
  const folder = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/bin', '/sbin'].find((each) => existsSync(join(each, name)));
  if (!folder) throw new UserError(`${name} is not installed.`);
  return join(folder, name);
}

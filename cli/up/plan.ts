import type { MachineRole } from '../machineRole.ts';
import type { HostPackage } from '../packages/hostPackages.ts';

/** What `up` found on the host. */
export interface HostFacts {
  readonly root: boolean;
  /** E.g. `6.1.0-18-amd64`. */
  readonly kernel: string;
  readonly cgroups: boolean;
  readonly freeBytes: number;
  readonly stateFolder: string;
  readonly missingPackages: readonly HostPackage[];
  readonly apt: boolean;
  readonly systemd: boolean;
  readonly dockerAnswers: boolean;
  /** Whether somebody's engine takes connections without answering them. */
  readonly dockerHangs: boolean;
  /** Whether this machine's engine was installed by an earlier `up`. */
  readonly dockerOurs: boolean;
  /** Whether the engine that answers keeps containers running while it restarts; undefined: none answers. */
  readonly liveRestore: boolean | undefined;
  /** KUBE-* chains in the kernel although no cluster of this name has been started since boot. */
  readonly foreignChains: readonly string[];
  readonly takenPorts: readonly TakenPort[];
  readonly running: 'no' | 'this version' | 'another version';
  /** Whether the engine that answers is one that our supervisor keeps running. */
  readonly dockerSupervised: boolean;
}

export interface TakenPort {
  readonly port: number;
  readonly purpose: string;
  /** Name of the program that has it, where it can be seen. */
  readonly holder: string | undefined;
}

export type Step =
  | { readonly kind: 'installPackages'; readonly packages: readonly HostPackage[] }
  | { readonly kind: 'configureDocker' }
  | { readonly kind: 'startDocker'; readonly by: 'systemd' | 'supervisor' }
  | { readonly kind: 'installVersion' }
  | { readonly kind: 'makeCertificates' }
  | { readonly kind: 'prepareKernel' }
  | { readonly kind: 'stopServices' }
  | { readonly kind: 'startServices'; readonly by: 'systemd' | 'supervisor' }
  | { readonly kind: 'waitUntilReady' }
  | { readonly kind: 'markControlPlane' }
  | { readonly kind: 'promoteMember' }
  | { readonly kind: 'publishCluster' }
  | { readonly kind: 'waitForServer' }
  | { readonly kind: 'writeKubeconfig' };

export interface UpPlan {
  /** Why it cannot go on; each says what to do. Steps are empty then. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly steps: readonly Step[];
}

export const NO_ROOT = 'gantry up sets up this machine and must be run as root (try: sudo npm run up).';
/** etcd stops taking writes when the disk is full; images need some room too. */
const LEAST_FREE_BYTES = 1024 ** 3;
/** overlay2 and the cgroup files that the kubelet reads. */
const OLDEST_KERNEL = [4, 19] as const;

/** What `up` has to do on this host, in its role, in order. Pure: the same facts give the same plan. */
export function planUp(facts: HostFacts, role: MachineRole): UpPlan {
  const problems = findProblems(facts);
  if (problems.length > 0) return { problems, warnings: [], steps: [] };
  const promotion: Step[] = role.learner ? [{ kind: 'promoteMember' }] : [];
  const end: Step[] = role.controlPlane ? [...promotion, { kind: 'waitUntilReady' }, { kind: 'markControlPlane' }, { kind: 'publishCluster' }, { kind: 'writeKubeconfig' }] : [{ kind: 'waitUntilReady' }];
  if (facts.running === 'this version') return { problems, warnings: [], steps: end };
  const by = facts.systemd ? 'systemd' : 'supervisor';
  const installsDocker = facts.missingPackages.some(({ name }) => name === 'docker.io');
  const steps: Step[] = [];
  if (facts.missingPackages.length > 0) steps.push({ kind: 'installPackages', packages: facts.missingPackages });
  // The supervisor says it to its engine by a flag.
  if (facts.systemd && (installsDocker || (facts.dockerOurs && !facts.dockerAnswers))) steps.push({ kind: 'configureDocker' });
  steps.push({ kind: 'installVersion' });
  if (role.controlPlane) steps.push({ kind: 'makeCertificates' });
  steps.push({ kind: 'prepareKernel' });
  if (facts.running === 'another version') steps.push({ kind: 'stopServices' });
  if (!facts.dockerAnswers || facts.dockerSupervised) steps.push({ kind: 'startDocker', by });
  steps.push({ kind: 'startServices', by });
  if (role.controlPlane) steps.push({ kind: 'waitForServer' });
  steps.push(...end);
  const warnings =
    facts.liveRestore === false && !facts.dockerOurs
      ? ['The Docker engine that runs here is not set to live-restore: restarting it restarts the pods\' containers. (Set "live-restore": true in /etc/docker/daemon.json to change that.)']
      : [];
  return { problems, warnings, steps };
}

function findProblems(facts: HostFacts): string[] {
  if (!facts.root) return [NO_ROOT];
  const problems: string[] = [];
  const [major = 0, minor = 0] = facts.kernel.split('.').map(Number.parseFloat);
  if (major < OLDEST_KERNEL[0] || (major === OLDEST_KERNEL[0] && minor < OLDEST_KERNEL[1])) problems.push(`The kernel is ${facts.kernel}; Gantry needs ${OLDEST_KERNEL.join('.')} or later.`);
  if (!facts.cgroups) problems.push('No cgroup file system is mounted at /sys/fs/cgroup: containers cannot be limited. Mount it (on most machines the init system does).');
  if (facts.freeBytes < LEAST_FREE_BYTES) problems.push(`Only ${Math.floor(facts.freeBytes / 1024 ** 2)} MiB are free below ${facts.stateFolder}; etcd and images need at least ${LEAST_FREE_BYTES / 1024 ** 2} MiB. Make room.`);
  if (facts.missingPackages.length > 0 && !facts.apt) {
    const lines = facts.missingPackages.map(({ name, files, purpose }) => `  ${name}: ${purpose} (looked for ${files[0]} and the like)`);
    problems.push(['These are missing, and this is not Debian or Ubuntu. Install them with your package manager and try again:', ...lines].join('\n'));
  }
  if (facts.dockerHangs) problems.push('A Docker engine is running, but does not answer. Restart it (systemctl restart docker, or end dockerd), and try again.');
  if (facts.foreignChains.length > 0) {
    problems.push(`Another Kubernetes runs, or has run, on this machine: iptables has its chains (${facts.foreignChains.slice(0, 3).join(', ')}…). Stop it and remove them (or reboot); two of them would undo each other's rules.`);
  }
  for (const { port, purpose, holder } of facts.takenPorts) problems.push(`Port ${port}, for ${purpose}, is taken${holder ? ` by ${holder}` : ''}. Stop that, or use other ports: --port-base=20000.`);
  return problems;
}

import { parse } from 'yaml';
import type { V1TopologySpreadConstraint } from '../api/generated/types.ts';
import { parseDuration } from '../process/flags.ts';
import type { ScoringStrategy } from './plugins/nodeResourcesFit.ts';
import { PLUGIN_NAMES, type ProfileSettings } from './plugins/registry.ts';

/** A KubeSchedulerConfiguration that cannot be used; the message names the field. */
export class ConfigurationError extends Error {}

/** What of `kubescheduler.config.k8s.io/v1` KubeSchedulerConfiguration is heeded. Times in milliseconds. */
export interface SchedulerConfiguration {
  readonly profiles: ReadonlyArray<Omit<ProfileSettings, 'siblings'>>;
  readonly initialBackoff: number;
  readonly maximumBackoff: number;
  readonly kubeconfig?: string;
  readonly leaderElection: {
    readonly leaderElect?: boolean;
    readonly leaseDuration?: number;
    readonly renewDeadline?: number;
    readonly retryPeriod?: number;
    readonly resourceName?: string;
    readonly resourceNamespace?: string;
  };
}

interface PluginSet {
  enabled?: Array<{ name: string; weight?: number }>;
  disabled?: Array<{ name: string }>;
}

interface ProfileFile {
  schedulerName?: string;
  percentageOfNodesToScore?: number;
  plugins?: { multiPoint?: PluginSet; filter?: PluginSet; preFilter?: PluginSet; score?: PluginSet; postFilter?: PluginSet };
  pluginConfig?: Array<{ name: string; args?: PluginArgs }>;
}

interface PluginArgs {
  scoringStrategy?: { type?: string; resources?: Array<{ name: string; weight?: number }> };
  hardPodAffinityWeight?: number;
  defaultConstraints?: V1TopologySpreadConstraint[];
  defaultingType?: string;
}

interface ConfigurationFile {
  apiVersion?: string;
  kind?: string;
  percentageOfNodesToScore?: number;
  podInitialBackoffSeconds?: number;
  podMaxBackoffSeconds?: number;
  clientConnection?: { kubeconfig?: string };
  leaderElection?: { leaderElect?: boolean; leaseDuration?: string; renewDeadline?: string; retryPeriod?: string; resourceName?: string; resourceNamespace?: string };
  profiles?: ProfileFile[];
}

/** Kubernetes' defaults. */
export const DEFAULT_CONFIGURATION: SchedulerConfiguration = parseConfiguration('apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration');

/** Reads a configuration file's text (YAML or JSON). */
export function parseConfiguration(text: string): SchedulerConfiguration {
  const file = parse(text) as ConfigurationFile | null;
  if (file?.apiVersion !== 'kubescheduler.config.k8s.io/v1' || file.kind !== 'KubeSchedulerConfiguration') {
    throw new ConfigurationError('the scheduler takes a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1');
  }
  const { percentageOfNodesToScore: percentage = 0, podInitialBackoffSeconds: initial = 1, podMaxBackoffSeconds: maximum = 10, leaderElection = {} } = file;
  if (percentage < 0 || percentage > 100) throw new ConfigurationError(`percentageOfNodesToScore: Invalid value: ${percentage}: not in valid range [0-100]`);
  if (initial <= 0) throw new ConfigurationError(`podInitialBackoffSeconds: Invalid value: ${initial}: must be greater than 0`);
  if (maximum < initial) throw new ConfigurationError(`podMaxBackoffSeconds: Invalid value: ${maximum}: must be greater than or equal to PodInitialBackoffSeconds`);
  const profiles = (file.profiles ?? [{}]).map((profile, at) => profileSettings(profile, `profiles[${at}]`, percentage));
  const names = profiles.map(({ schedulerName }) => schedulerName);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) throw new ConfigurationError(`profiles: Duplicate value: "${repeated}"`);
  const { leaderElect, resourceName, resourceNamespace } = leaderElection;
  return {
    profiles,
    initialBackoff: initial * 1000,
    maximumBackoff: maximum * 1000,
    ...(file.clientConnection?.kubeconfig ? { kubeconfig: file.clientConnection.kubeconfig } : {}),
    leaderElection: {
      ...(leaderElect === undefined ? {} : { leaderElect }),
      ...(resourceName ? { resourceName } : {}),
      ...(resourceNamespace ? { resourceNamespace } : {}),
      ...durations(leaderElection),
    },
  };
}

function durations(from: NonNullable<ConfigurationFile['leaderElection']>): { leaseDuration?: number; renewDeadline?: number; retryPeriod?: number } {
  const set = (['leaseDuration', 'renewDeadline', 'retryPeriod'] as const).filter((name) => from[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, parseDuration(from[name]!)]));
}

function profileSettings(profile: ProfileFile, path: string, percentage: number): Omit<ProfileSettings, 'siblings'> {
  const { schedulerName = 'default-scheduler', plugins = {}, pluginConfig = [] } = profile;
  const sets = Object.entries(plugins);
  for (const [point, set] of sets) {
    for (const { name } of [...(set.enabled ?? []), ...(set.disabled ?? [])]) {
      if (name !== '*' && !PLUGIN_NAMES.has(name)) throw new ConfigurationError(`${path}.plugins.${point}: there is no plugin ${name}`);
    }
  }
  const off = (set: PluginSet | undefined): ReadonlySet<string> => {
    const enabled = new Set((set?.enabled ?? []).map(({ name }) => name));
    const disabled = new Set((set?.disabled ?? []).map(({ name }) => name));
    // "Disable all, enable these" is how a set is replaced.
    if (disabled.delete('*')) for (const name of PLUGIN_NAMES) disabled.add(name);
    return new Set([...disabled].filter((name) => !enabled.has(name)));
  };
  const weights = [plugins.multiPoint, plugins.score].flatMap((set) => (set?.enabled ?? []).filter(({ weight }) => weight).map(({ name, weight }) => [name, weight!] as const));
  const args = (name: string): PluginArgs => pluginConfig.find((each) => each.name === name)?.args ?? {};
  const strategy = args('NodeResourcesFit').scoringStrategy;
  const spread = args('PodTopologySpread');
  const hardWeight = args('InterPodAffinity').hardPodAffinityWeight;
  return {
    schedulerName,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? percentage,
    disabled: { multiPoint: off(plugins.multiPoint), filter: new Set([...off(plugins.filter), ...off(plugins.postFilter)]), score: off(plugins.score) },
    weights: Object.fromEntries(weights),
    ...(strategy ? { scoringStrategy: scoringStrategy(strategy, path) } : {}),
    ...(hardWeight === undefined ? {} : { hardPodAffinityWeight: hardWeight }),
    ...(spread.defaultConstraints || spread.defaultingType === 'List' ? { defaultConstraints: spread.defaultConstraints ?? [] } : {}),
  };
}

function scoringStrategy({ type = 'LeastAllocated', resources = [] }: NonNullable<PluginArgs['scoringStrategy']>, path: string): ScoringStrategy {
  if (type !== 'LeastAllocated' && type !== 'MostAllocated') {
    throw new ConfigurationError(`${path}.pluginConfig[NodeResourcesFit].scoringStrategy.type: Unsupported value: "${type}": supported values: "LeastAllocated", "MostAllocated"`);
  }
  const weighted = resources.length === 0 ? [{ name: 'cpu' }, { name: 'memory' }] : resources;
  return { type, resources: weighted.map(({ name, weight = 1 }: { name: string; weight?: number }) => ({ name, weight })) };
}

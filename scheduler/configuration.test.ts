import { DEFAULT_CONFIGURATION, parseConfiguration } from './configuration.ts';
import { buildProfile } from './plugins/registry.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

test('the defaults are those of Kubernetes', () => {
  expect(DEFAULT_CONFIGURATION).toMatchObject({ initialBackoff: 1000, maximumBackoff: 10_000, profiles: [{ schedulerName: 'default-scheduler', percentageOfNodesToScore: 0 }] });
  const profile = buildProfile({ ...DEFAULT_CONFIGURATION.profiles[0]!, siblings: () => undefined });
  expect(profile.scorers.map(({ plugin, weight }) => `${plugin.name} ${weight}`)).toEqual([
    'TaintToleration 3',
    'NodeAffinity 2',
    'NodeResourcesFit 1',
    'PodTopologySpread 2',
    'InterPodAffinity 2',
    'NodeResourcesBalancedAllocation 1',
    'ImageLocality 1',
  ]);
  expect(profile.preemption).toBe(true);
});

test('profiles turn plugins off, weigh them and configure them', () => {
  const { profiles, leaderElection } = parseConfiguration(`${HEAD}
leaderElection: {leaderElect: false, leaseDuration: 20s}
profiles:
- schedulerName: packing
  percentageOfNodesToScore: 30
  plugins:
    score: {disabled: [{name: '*'}], enabled: [{name: NodeResourcesFit, weight: 5}]}
    multiPoint: {disabled: [{name: DefaultPreemption}]}
  pluginConfig:
  - {name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 3}]}}}
`);
  expect(leaderElection).toEqual({ leaderElect: false, leaseDuration: 20_000 });
  const profile = buildProfile({ ...profiles[0]!, siblings: () => undefined });
  expect([profile.schedulerName, profile.percentageOfNodesToScore, profile.preemption]).toEqual(['packing', 30, false]);
  expect(profile.scorers.map(({ plugin, weight }) => `${plugin.name} ${weight}`)).toEqual(['NodeResourcesFit 5']);
  expect(profile.filters.map(({ name }) => name)).toContain('TaintToleration');
  expect(profiles[0]?.scoringStrategy).toEqual({ type: 'MostAllocated', resources: [{ name: 'cpu', weight: 3 }] });
});

test.each([
  ['kind: Other', 'the scheduler takes a KubeSchedulerConfiguration'],
  [`${HEAD}percentageOfNodesToScore: 101`, 'percentageOfNodesToScore: Invalid value: 101'],
  [`${HEAD}profiles: [{schedulerName: a}, {schedulerName: a}]`, 'profiles: Duplicate value: "a"'],
  [`${HEAD}profiles: [{plugins: {score: {disabled: [{name: Nope}]}}}]`, 'there is no plugin Nope'],
])('%s is refused', (text, message) => {
  expect(() => parseConfiguration(text)).toThrow(message);
});

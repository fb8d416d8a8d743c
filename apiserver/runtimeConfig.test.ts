import { builtinDefinitions } from '../api/kinds/index.ts';
import { runtimeConfigFault, type RuntimeConfig, RuntimeConfigError, servedDefinitions } from './runtimeConfig.ts';

const served = (config: RuntimeConfig): Set<string> => new Set(servedDefinitions(builtinDefinitions, config).map(({ group, version, plural }) => `${group}/${version}/${plural}`));

test('everything is served unless something is said', () => {
  expect(served({}).size).toBe(builtinDefinitions.length);
  expect(served({ 'api/beta': 'true', 'api/alpha': 'true', 'api/ga': 'true' }).size).toBe(builtinDefinitions.length);
});

test('a version is turned off, and of another only one resource stays', () => {
  const off = served({ 'autoscaling/v1': 'false', 'apps/v1': 'false', 'apps/v1/deployments': 'true', '/v1/secrets': 'false' });
  expect(off).toContain('autoscaling/v2/horizontalpodautoscalers');
  expect(off).not.toContain('autoscaling/v1/horizontalpodautoscalers');
  expect([...off].filter((each) => each.startsWith('apps/'))).toEqual(['apps/v1/deployments']);
  expect(off).not.toContain('/v1/secrets');
});

test('a version counts more than a level', () => {
  expect([...served({ 'api/all': 'false', 'batch/v1': '' })].sort()).toEqual(['batch/v1/cronjobs', 'batch/v1/jobs']);
});

test.each([
  [{ foo: 'true' }, 'runtime-config invalid key foo'],
  [{ v1: 'true' }, 'runtime-config invalid key v1'],
  [{ 'a/b/c/d': 'true' }, 'runtime-config invalid key a/b/c/d'],
  [{ 'api/all': 'false' }, 'invalid runtime-config with only api/all=false'],
  [{ 'nope.k8s.io/v1': 'true', 'api/legacy': 'true' }, 'unknown api groups api/legacy,nope.k8s.io/v1'],
])('%j: %s', (config, fault) => {
  expect(runtimeConfigFault(config as unknown as RuntimeConfig, builtinDefinitions)).toBe(fault);
});

test.each([
  [{ 'api/all': 'maybe' }, 'invalid value api/all=maybe'],
  [{ 'apps/v1': 'maybe' }, 'invalid value of apps/v1: maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax'],
  [{ 'apps/v9': 'true' }, 'group version apps/v9 that has not been registered'],
  [{ 'apps/v1/Deployments': 'true' }, 'invalid key apps/v1/Deployments: group/version/resource and resource is always lowercase plural, not "Deployments"'],
  [{ 'resource.k8s.io/v1beta1': 'true' }, 'runtime-config resource.k8s.io/v1beta1: Gantry has no resource.k8s.io/v1beta1; it serves the stable versions only'],
])('%j is refused: %s', (config, message) => {
  expect(() => servedDefinitions(builtinDefinitions, config as unknown as RuntimeConfig)).toThrow(new RuntimeConfigError(message));
});

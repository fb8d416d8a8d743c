import type { ResourceDefinition } from '../api/resourceDefinition.ts';
import { readGoBoolean } from '../process/goNumbers.ts';

/** What `--runtime-config` says, by its keys: `api/all`, `GROUP/VERSION`, `GROUP/VERSION/RESOURCE`; the core group's name is empty. */
export type RuntimeConfig = Readonly<Record<string, string>>;

/** A `--runtime-config` that cannot be followed, in Kubernetes' words. */
export class RuntimeConfigError extends Error {}

/** Keys that stand for many versions, in the order in which they count. */
const LEVELS: readonly (readonly [key: string, pattern: RegExp])[] = [
  ['api/all', /^/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
];

/** Versions that Kubernetes knows besides those that are served here: all of them off unless somebody turns them on. */
const FURTHER_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'admission.k8s.io': ['v1', 'v1beta1'],
  'admissionregistration.k8s.io': ['v1alpha1', 'v1beta1'],
  apps: ['v1beta1', 'v1beta2'],
  'authentication.k8s.io': ['v1alpha1', 'v1beta1'],
  'authorization.k8s.io': ['v1beta1'],
  batch: ['v1beta1'],
  'certificates.k8s.io': ['v1alpha1', 'v1beta1'],
  'coordination.k8s.io': ['v1alpha2', 'v1beta1'],
  'discovery.k8s.io': ['v1beta1'],
  'events.k8s.io': ['v1beta1'],
  extensions: ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'imagepolicy.k8s.io': ['v1alpha1'],
  'internal.apiserver.k8s.io': ['v1alpha1'],
  'networking.k8s.io': ['v1beta1'],
  'node.k8s.io': ['v1alpha1', 'v1beta1'],
  policy: ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1alpha1', 'v1beta1'],
  'resource.k8s.io': ['v1alpha3', 'v1beta1', 'v1beta2'],
  'scheduling.k8s.io': ['v1alpha2', 'v1beta1'],
  'storage.k8s.io': ['v1alpha1', 'v1beta1'],
  'storagemigration.k8s.io': ['v1beta1'],
};

interface Preference {
  readonly key: string;
  readonly group: string;
  readonly version: string;
  /** Undefined: of the whole version. */
  readonly resource: string | undefined;
}

/** What is wrong with the keys, as Kubernetes tells it of all flags together; the values are looked at by `servedDefinitions`. */
export function runtimeConfigFault(config: RuntimeConfig, definitions: readonly ResourceDefinition[]): string | undefined {
  const keys = Object.keys(config);
  if (keys.length === 1 && config['api/all'] === 'false') return 'invalid runtime-config with only api/all=false';
  const unknown: string[] = [];
  for (const key of keys.filter((each) => !isLevel(each))) {
    const preference = preferenceOf(key);
    if (!preference) return `runtime-config invalid key ${key}`;
    const { group, version } = preference;
    if (!isGroup(definitions, group)) unknown.push(group === '' ? version : `${group}/${version}`);
  }
  return unknown.length === 0 ? undefined : `unknown api groups ${[...new Set(unknown)].toSorted().join(',')}`;
}

/**
 * What is served of the built-in kinds. Levels count first, in their order, then versions, then resources. Throws a `RuntimeConfigError`, also for versions
 * that Kubernetes could turn on and that are not there here.
 */
export function servedDefinitions(definitions: readonly ResourceDefinition[], config: RuntimeConfig): readonly ResourceDefinition[] {
  const versions = new Map(definitions.map(({ group, version }) => [`${group}/${version}`, true]));
  for (const [level, pattern] of LEVELS) {
    const value = config[level];
    if (value === undefined) continue;
    if (value !== 'true' && value !== 'false') throw new RuntimeConfigError(`invalid value ${level}=${value}`);
    for (const each of versions.keys()) if (pattern.test(each.slice(each.indexOf('/') + 1))) versions.set(each, value === 'true');
  }
  const resources = new Map<string, boolean>();
  for (const key of Object.keys(config).filter((each) => !isLevel(each))) {
    const preference = preferenceOf(key);
    if (!preference || !isGroup(definitions, preference.group)) continue;
    const isOn = preferenceValue(definitions, preference, config[key] ?? '');
    const { group, version, resource } = preference;
    if (resource === undefined) {
      if (versions.has(`${group}/${version}`)) versions.set(`${group}/${version}`, isOn);
    } else {
      resources.set(`${group}/${version}/${resource}`, isOn);
    }
  }
  return definitions.filter(({ group, version, plural }) => resources.get(`${group}/${version}/${plural}`) ?? versions.get(`${group}/${version}`));
}

/** The levels that are asked for and of which nothing is there to be turned on. */
export function emptyLevels(config: RuntimeConfig): string[] {
  return ['api/all', 'api/beta', 'api/alpha'].filter((level) => config[level] === 'true');
}

function preferenceValue(definitions: readonly ResourceDefinition[], { key, group, version, resource }: Preference, text: string): boolean {
  const isServed = definitions.some((each) => each.group === group && each.version === version);
  const isFurther = Object.hasOwn(FURTHER_VERSIONS, group) && FURTHER_VERSIONS[group]?.includes(version);
  if (!isServed && !isFurther) throw new RuntimeConfigError(`group version ${group === '' ? version : `${group}/${version}`} that has not been registered`);
  const isOn = text === '' ? true : readGoBoolean(text);
  if (typeof isOn === 'string') throw new RuntimeConfigError(`invalid value of ${key}: ${text}, err: ${isOn}`);
  if (resource !== undefined && resource !== resource.toLowerCase()) {
    throw new RuntimeConfigError(`invalid key ${key}: group/version/resource and resource is always lowercase plural, not ${JSON.stringify(resource)}`);
  }
  if (isOn && !isServed) throw new RuntimeConfigError(`runtime-config ${key}: Gantry has no ${group}/${version}; it serves the stable versions only`);
  return isOn;
}

const isLevel = (key: string): boolean => LEVELS.some(([level]) => level === key);

function preferenceOf(key: string): Preference | undefined {
  const [group, version, resource, ...more] = key.split('/');
  return group === undefined || version === undefined || more.length > 0 ? undefined : { key, group, version, resource };
}

const isGroup = (definitions: readonly ResourceDefinition[], group: string): boolean => Object.hasOwn(FURTHER_VERSIONS, group) || definitions.some((each) => each.group === group);

import type { V1Container, V1ContainerPort, V1Pod, V1PodAffinityTerm, V1PodSpec, V1PodTemplateSpec, V1Volume } from '../../../generated/types.ts';
import type { ObjectMetaDraft } from '../../../meta.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { ipWarnings } from '../../../validation/addressWarnings.ts';
import { validateDns1123Label } from '../../../validation/names.ts';
import { semanticEqual } from '../../../values/deepEqual.ts';
import { claimSpecWarnings, fractionWarning } from '../claimWarnings.ts';
import { nodeLabelWarning, nodeSelectorTermWarnings } from '../nodeLabelWarnings.ts';
import { REMOVED_SOURCES } from '../volumeWarnings.ts';
import { overlappingPathWarnings } from './overlappingPaths.ts';
import { containersWithPaths } from './validateOs.ts';
import { APP_ARMOR_PREFIX, SECCOMP_CONTAINER_PREFIX, SECCOMP_POD_ANNOTATION } from './validatePodAnnotations.ts';
import { repeats } from '../../../validation/fields.ts';

type Meta = Pick<ObjectMetaDraft, 'annotations'>;

const NO_MATCH = 'a null labelSelector results in matching no pod';
const SECCOMP_MESSAGE = 'non-functional in v1.27+; use the "seccompProfile" field instead';
export const APP_ARMOR_MESSAGE = 'deprecated since v1.30; use the "appArmorProfile" field instead';
const DEPRECATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

/** Of a new pod (`GetWarningsForPod`, and of its name). Nobody is warned of updates, which programs make. */
export function podWarnings({ metadata, spec }: IncomingObject<V1Pod>, previous?: V1Pod): string[] {
  if (previous) return [];
  const ofName = nameWarnings(metadata.name, "this is used in the Pod's hostname");
  return spec ? [...ofName, ...specWarnings('', spec, metadata)] : ofName;
}

/** Of a status that is written. */
export function podStatusWarnings({ status }: IncomingObject<V1Pod>): string[] {
  return (['podIPs', 'hostIPs'] as const).flatMap((list) => (status?.[list] ?? []).flatMap(({ ip }, index) => ipWarnings(`status.${list}[${index}].ip`, ip ?? '')));
}

/** Of a workload, whose pods are named after it: of its name when it is new, and of its template when anything of it changes. `field` is the template's path. */
export function workloadWarnings(object: { readonly metadata: { readonly name?: string }; readonly spec?: object }, previous: { spec?: object } | undefined, field: string, template: V1PodTemplateSpec | undefined): string[] {
  if (previous && semanticEqual(object.spec, previous.spec)) return [];
  return [...(previous ? [] : nameWarnings(object.metadata.name, 'this is used in Pod names and hostnames')), ...templateWarnings(field, template)];
}

/** `GetWarningsForPodTemplate`. */
export function templateWarnings(field: string, template: V1PodTemplateSpec | undefined): string[] {
  return template?.spec ? specWarnings(`${field}.`, template.spec, template.metadata ?? {}) : [];
}

function nameWarnings(name: string | undefined, use: string): string[] {
  const messages = validateDns1123Label(name ?? '');
  return messages.length === 0 ? [] : [`metadata.name: ${use}, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`];
}

/** `prefix` is the path of what holds the spec, with a dot behind it. */
function specWarnings(prefix: string, spec: V1PodSpec, meta: Meta): string[] {
  const annotations = meta.annotations ?? {};
  const annotation = (key: string): string => `${prefix}metadata.annotations[${key}]`;
  const field = `${prefix}spec`;
  return [
    ...placementWarnings(field, spec),
    ...Object.entries(DEPRECATED_ANNOTATIONS).flatMap(([key, message]) => (annotations[key] === undefined ? [] : [`${annotation(key)}: ${message}`])),
    ...(spec.volumes ?? []).flatMap((volume, index) => volumeWarnings(`${field}.volumes[${index}]`, volume)),
    ...overlappingPathWarnings(spec.volumes ?? []),
    ...repeated(`${field}.hostAliases`, 'ip', (spec.hostAliases ?? []).map(({ ip }) => ip)),
    ...repeated(`${field}.imagePullSecrets`, 'name', (spec.imagePullSecrets ?? []).map(({ name }) => name ?? '')),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) => (name ? [] : [`${field}.imagePullSecrets[${index}].name: invalid empty name ""`])),
    ...(['memory', 'ephemeral-storage'] as const).flatMap((name) => fractionWarning(`${field}.overhead[${name}]`, spec.overhead?.[name])),
    ...(annotations[SECCOMP_POD_ANNOTATION] !== undefined && !spec.securityContext?.seccompProfile ? [`${annotation(SECCOMP_POD_ANNOTATION)}: ${SECCOMP_MESSAGE}`] : []),
    ...containersWithPaths(field, spec).flatMap(([path, container]) => {
      const own = `${SECCOMP_CONTAINER_PREFIX}${container.name}`;
      const armour = `${APP_ARMOR_PREFIX}${container.name}`;
      // Of a pod it is told by what makes a field of the annotation (`syncAppArmor`).
      const isTold = prefix === '' || spec.securityContext?.appArmorProfile || container.securityContext?.appArmorProfile;
      return [
        ...(annotations[own] !== undefined && !container.securityContext?.seccompProfile ? [`${annotation(own)}: ${SECCOMP_MESSAGE}`] : []),
        ...(annotations[armour] !== undefined && !isTold ? [`${annotation(armour)}: ${APP_ARMOR_MESSAGE}`] : []),
        ...containerWarnings(path, container),
      ];
    }),
    ...portWarnings(field, spec),
    ...portNameWarnings(field, spec),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : []),
    ...affinityWarnings(`${field}.affinity`, spec),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((address, index) => ipWarnings(`${field}.dnsConfig.nameservers[${index}]`, address)),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, index) => ipWarnings(`${field}.hostAliases[${index}].ip`, ip ?? '')),
  ];
}

function placementWarnings(field: string, { nodeSelector, affinity, topologySpreadConstraints }: V1PodSpec): string[] {
  const texts = Object.keys(nodeSelector ?? {}).flatMap((key) => {
    const message = nodeLabelWarning(key);
    return message === undefined ? [] : [`${field}.nodeSelector[${key}]: ${message}`];
  });
  const path = `${field}.affinity.nodeAffinity`;
  const { requiredDuringSchedulingIgnoredDuringExecution: must, preferredDuringSchedulingIgnoredDuringExecution: should } = affinity?.nodeAffinity ?? {};
  for (const [index, term] of (must?.nodeSelectorTerms ?? []).entries()) texts.push(...nodeSelectorTermWarnings(`${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`, term, 'required'));
  for (const [index, { preference }] of (should ?? []).entries()) texts.push(...nodeSelectorTermWarnings(`${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`, preference ?? {}, 'preferred'));
  for (const [index, { topologyKey, labelSelector }] of (topologySpreadConstraints ?? []).entries()) {
    const at = `${field}.topologySpreadConstraints[${index}]`;
    const message = nodeLabelWarning(topologyKey);
    if (message !== undefined) texts.push(`${at}.topologyKey: ${topologyKey} is ${message}`);
    if (!labelSelector) texts.push(`${at}.labelSelector: ${NO_MATCH}`);
  }
  return texts;
}

function volumeWarnings(field: string, volume: V1Volume): string[] {
  const sources: Readonly<Record<string, unknown>> = { ...volume };
  const texts = Object.entries({ gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+', ...REMOVED_SOURCES }).flatMap(([kind, message]) => (sources[kind] === undefined ? [] : [`${field}.${kind === 'storageos' ? 'storageOS' : kind}: ${message}`]));
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  return claim ? [...texts, ...claimSpecWarnings(`${field}.ephemeral.volumeClaimTemplate.spec`, claim)] : texts;
}

function repeated(field: string, name: string, values: readonly string[]): string[] {
  const isSame = repeats();
  return values.flatMap((value, index) => (isSame(value) ? [`${field}[${index}].${name}: duplicate ${name} ${JSON.stringify(value)}`] : []));
}

function containerWarnings(field: string, { resources, env = [] }: V1Container): string[] {
  const texts = (['memory', 'ephemeral-storage'] as const).flatMap((name) => (['limits', 'requests'] as const).flatMap((list) => fractionWarning(`${field}.resources.${list}[${name}]`, resources?.[list]?.[name])));
  const seen = new Set<string>();
  for (const [index, { name, value = '', valueFrom }] of env.entries()) {
    const reference = `$(${name})`;
    // A variable may be built upon an earlier one of its own name.
    const builds = !valueFrom && value !== reference && value.includes(reference);
    if (seen.has(name) && !builds) texts.push(`${field}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`);
    seen.add(name);
  }
  return texts;
}

/** So many pairs of ports are looked at; of what more there is, nothing would find its place in the header. */
const MOST_PAIRS = 200_000;

/** Ports of any two containers that stand in each other's way. */
function portWarnings(field: string, spec: V1PodSpec): string[] {
  const texts: string[] = [];
  let left = MOST_PAIRS;
  const known = new Map<string, { readonly at: string; readonly port: V1ContainerPort }[]>();
  for (const [path, { ports = [] }] of containersWithPaths(field, spec)) {
    for (const [index, port] of ports.entries()) {
      const at = `${path}.ports[${index}]`;
      const { hostIP = '', hostPort = 0, name = '', containerPort, protocol = '' } = port;
      if (hostIP !== '' && hostPort === 0) texts.push(`${at}: hostIP set without hostPort: {Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`);
      const key = `${containerPort}/${protocol}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        if (left === 0) return texts;
        left -= 1;
        const [otherIP, otherPort] = [other.port.hostIP ?? '', other.port.hostPort ?? 0];
        if (hostIP === otherIP && hostPort === otherPort) texts.push(`${at}: duplicate port definition with ${other.at}`);
        else if (hostPort === 0 || otherPort === 0) texts.push(`${at}: overlapping port definition with ${other.at}`);
        else if (hostPort === otherPort && (hostIP === '') !== (otherIP === '')) texts.push(`${at}: dangerously ambiguous port definition with ${other.at}`);
      }
      others.push({ at, port });
      known.set(key, others);
    }
  }
  return texts;
}

/** A name that two ports have leads to the first of them. */
function portNameWarnings(field: string, spec: V1PodSpec): string[] {
  const first = new Map<string, string>();
  return containersWithPaths(field, spec).flatMap(([path, { ports = [] }]) =>
    ports.flatMap(({ name }, index) => {
      if (!name) return [];
      const at = `${path}.ports[${index}]`;
      const other = first.get(name);
      if (other === undefined) first.set(name, at);
      return other === undefined ? [] : [`${at}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`];
    }));
}

function affinityWarnings(field: string, { affinity }: V1PodSpec): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: must = [], preferredDuringSchedulingIgnoredDuringExecution: should = [] } = affinity?.[kind] ?? {};
    const text = (path: string, term: Partial<V1PodAffinityTerm> | undefined): string[] => (term?.labelSelector ? [] : [`${field}.${kind}.${path}.labelSelector: ${NO_MATCH}`]);
    return [
      ...must.flatMap((term, index) => text(`requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term)),
      ...should.flatMap(({ podAffinityTerm }, index) => text(`preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`, podAffinityTerm)),
    ];
  });
}

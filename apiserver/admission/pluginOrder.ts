import type { AdmissionPlugin } from '../types.ts';
import { AdmissionConfigurationError } from './configurationObject.ts';

/** What the administrator wants of admission: Kubernetes' `--enable-admission-plugins`, `--disable-admission-plugins` and `--admission-control-config-file`. */
export interface AdmissionSettings {
  readonly enable: readonly string[];
  readonly disable: readonly string[];
  /** The plugins' configurations, as they stand in the file, by the plugin's name. */
  readonly configuration: ReadonlyMap<string, unknown>;
}

export const DEFAULT_ADMISSION: AdmissionSettings = { enable: [], disable: [], configuration: new Map() };

/**
 * Every plugin in the order in which Kubernetes calls them, first all of them to change an object, then all of them to judge it. Those of kinds and features that are off by default
 * (`ClusterTrustBundleAttest`, `PodGroupProtection`, `PodGroupWorkloadExists`, `JobValidation`) may be named, and do nothing.
 */
const ORDER: readonly string[] = [
  'AlwaysAdmit', 'NamespaceAutoProvision', 'NamespaceLifecycle', 'NamespaceExists', 'LimitPodHardAntiAffinityTopology', 'LimitRanger', 'ServiceAccount', 'NodeRestriction', 'TaintNodesByCondition', 'AlwaysPullImages', 'PodSecurity',
  'PodNodeSelector', 'Priority', 'DefaultTolerationSeconds', 'EventRateLimit', 'ExtendedResourceToleration', 'DefaultStorageClass', 'StorageObjectInUseProtection', 'PodGroupProtection', 'OwnerReferencesPermissionEnforcement', 'PersistentVolumeClaimResize',
  'RuntimeClass', 'CertificateApproval', 'CertificateSigning', 'ClusterTrustBundleAttest', 'CertificateSubjectRestriction', 'DefaultIngressClass', 'DenyServiceExternalIPs', 'PodTopologyLabels',
  'PodGroupWorkloadExists', 'NodeDeclaredFeatureValidator', 'JobValidation', 'PodResizeValidator',
  // Ours: in Kubernetes the storage of roles and bindings sees to it.
  'RBACEscalation',
  'MutatingAdmissionPolicy', 'MutatingAdmissionWebhook', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionWebhook', 'ResourceQuota', 'AlwaysDeny',
];

/** On only where they are asked for. NodeRestriction, off in Kubernetes itself, is on here as in every cluster that its tools set up. */
export const OFF_BY_DEFAULT: readonly string[] = [
  'AlwaysAdmit', 'NamespaceAutoProvision', 'NamespaceExists', 'LimitPodHardAntiAffinityTopology', 'AlwaysPullImages', 'PodNodeSelector', 'EventRateLimit', 'ExtendedResourceToleration', 'OwnerReferencesPermissionEnforcement',
  'DenyServiceExternalIPs', 'AlwaysDeny',
];

/** What may be named in the flags. */
export const PLUGIN_NAMES: readonly string[] = ORDER.filter((name) => name !== 'RBACEscalation');

/** Tells whether a plugin is on; throws an `AdmissionConfigurationError` with Kubernetes' words for names that there are not. */
export function pluginChoice({ enable, disable }: Pick<AdmissionSettings, 'enable' | 'disable'>): (name: string) => boolean {
  const unknown = (flag: string, names: readonly string[]): string[] => names.filter((name) => !PLUGIN_NAMES.includes(name)).map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`);
  const both = enable.filter((name) => disable.includes(name)).sort();
  const faults = [
    ...unknown('enable-admission-plugins', enable),
    ...unknown('disable-admission-plugins', disable),
    ...(both.length > 0 ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`] : []),
  ];
  if (faults.length > 0) throw new AdmissionConfigurationError(faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`);
  const off = new Set([...OFF_BY_DEFAULT, ...disable]);
  return (name) => enable.includes(name) || !off.has(name);
}

/** Those plugins that are on, in their order. */
export function inOrder(plugins: readonly AdmissionPlugin[], isOn: (name: string) => boolean): readonly AdmissionPlugin[] {
  return plugins.filter(({ name }) => isOn(name)).toSorted((left, right) => ORDER.indexOf(left.name) - ORDER.indexOf(right.name));
}

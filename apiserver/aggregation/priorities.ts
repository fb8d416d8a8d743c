import { ownField } from '../../api/values/ownField.ts';

/** Where a version of a group stands in discovery: higher numbers come first. */
export interface ServicePriority {
  readonly group: number;
  readonly version: number;
}

/** Groups of CustomResourceDefinitions come behind the built-in ones; their versions by Kubernetes' order of versions. */
const CUSTOM: ServicePriority = { group: 1000, version: 100 };
/** Not in Kubernetes' table because nobody registers it: the group of the registrations themselves, which is always the first. */
const FIRST: ServicePriority = { group: 20_000, version: 100 };

const GROUPS: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'resource.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'storagemigration.k8s.io': 15_800,
};

/** Versions whose number is not what their maturity would give. */
const VERSIONS: Readonly<Record<string, number>> = { v1: 1, 'autoscaling/v2': 30, 'flowcontrol.apiserver.k8s.io/v1': 21, 'resource.k8s.io/v1': 20, 'resource.k8s.io/v1beta2': 15 };

/** Kubernetes' priorities of what the server serves itself (`apiVersionPriorities`); those of custom resources are all the same. */
export function priorityOf(group: string, version: string, isCustom: boolean): ServicePriority {
  if (group === 'apiregistration.k8s.io') return FIRST;
  const known = ownField(GROUPS, group);
  if (isCustom || known === undefined) return CUSTOM;
  const name = group === '' ? version : `${group}/${version}`;
  return { group: known, version: VERSIONS[name] ?? (version.includes('alpha') ? 1 : version.includes('beta') ? 9 : 15) };
}

import type { V1Pod } from '../../../generated/types.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { qosClassOf } from '../../../values/qosClass.ts';
import { defineKind } from '../../defineKind.ts';
import { mergeMatchLabelKeys } from './matchLabelKeys.ts';
import { preserveObservedGeneration } from './observedGeneration.ts';
import { podColumns, podRowConditions } from './podColumns.ts';
import { setPodDefaults } from './podDefaults.ts';
import { podStatusWarnings, podWarnings } from './podWarnings.ts';
import { syncAppArmor } from './syncAppArmor.ts';
import { validatePod, validatePodCreate, validatePodUpdate } from './validatePod.ts';
import { validatePodStatusUpdate } from './validatePodStatus.ts';

export const pod = defineKind<V1Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Pod',
  hasStatus: true,
  statusKeepsMetadata: 'ownerReferences',
  hasGeneration: true,
  gracePeriodSeconds: gracePeriodOf,
  setDefaults: setPodDefaults,
  prepareForCreate,
  prepareForStatusUpdate,
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: podWarnings,
  statusWarnings: podStatusWarnings,
  columns: podColumns,
  rowConditions: podRowConditions,
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
    // Taken from old clients, and never filled.
    'spec.host': spec?.nodeName ?? '',
    'status.podIPs': '',
  }),
});

/** A pod that no node has, or that has ended, goes at once (`podStrategy.CheckGracefulDelete`). */
function gracePeriodOf({ spec, status }: V1Pod): number {
  if (!spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  // A negative period is read as the shortest that there is.
  return Math.max(spec.terminationGracePeriodSeconds ?? 30, spec.terminationGracePeriodSeconds === 0 ? 0 : 1);
}

function prepareForCreate(object: IncomingObject<V1Pod>, warn: (text: string) => void = () => undefined): void {
  const { spec, metadata } = object;
  object.status = { phase: 'Pending' };
  if (!spec) return;
  object.status.qosClass = qosClassOf(spec);
  if (spec.schedulingGates?.length) {
    object.status.conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates', ...(metadata.creationTimestamp === undefined ? {} : { lastTransitionTime: metadata.creationTimestamp }) }];
  }
  mergeMatchLabelKeys(spec, metadata.labels ?? {});
  syncAppArmor(spec, metadata.annotations ?? {}, warn);
}

function prepareForStatusUpdate(object: IncomingObject<V1Pod>, previous: V1Pod): void {
  const status = (object.status ??= {});
  status.qosClass ||= previous.status?.qosClass;
  preserveObservedGeneration(status, previous.status ?? {});
  // Both forms of the addresses say the same: the first of the list is the one.
  const { podIP, podIPs, hostIP, hostIPs } = status;
  if (podIPs?.length) status.podIP = podIPs[0]?.ip;
  else if (podIP) status.podIPs = [{ ip: podIP }];
  if (hostIPs?.length) status.hostIP = hostIPs[0]?.ip;
  else if (hostIP) status.hostIPs = [{ ip: hostIP }];
}

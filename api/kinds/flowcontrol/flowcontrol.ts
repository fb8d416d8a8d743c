import type { V1FlowSchema, V1PriorityLevelConfiguration } from '../../generated/types.ts';
import { ageColumn, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateFlowSchema, validateFlowStatus, validatePriorityLevel } from './validateFlowControl.ts';

export const flowSchema = defineKind<V1FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  model: 'V1FlowSchema',
  hasStatus: true,
  statusKeepsMetadata: 'all',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000;
  },
  tableOrder: bySchemaOrder,
  validate: validateFlowSchema,
  validateStatusUpdate: validateFlowStatus,
  columns: [
    textColumn('PriorityLevel', { of: 'V1PriorityLevelConfigurationReference.name' }, ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
    textColumn('MatchingPrecedence', { of: 'V1FlowSchemaSpec.matchingPrecedence' }, ({ spec }) => spec?.matchingPrecedence ?? 0),
    textColumn('DistinguisherMethod', '`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled, and thus will always be the empty string.', ({ spec }) => orNone(spec?.distinguisherMethod?.type)),
    ageColumn,
    textColumn('MissingPL', 'references a broken or non-existent PriorityLevelConfiguration', ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?'),
  ],
});

export const priorityLevelConfiguration = defineKind<V1PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  model: 'V1PriorityLevelConfiguration',
  hasStatus: true,
  statusKeepsMetadata: 'all',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ spec }) {
    if (spec?.exempt) {
      spec.exempt.nominalConcurrencyShares ??= 0;
      spec.exempt.lendablePercent ??= 0;
    }
    if (!spec?.limited) return;
    spec.limited.nominalConcurrencyShares ??= 30;
    spec.limited.lendablePercent ??= 0;
    const queuing = spec.limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.queues ||= 64;
    queuing.handSize ||= 8;
    queuing.queueLengthLimit ||= 50;
  },
  validate: validatePriorityLevel,
  validateStatusUpdate: validateFlowStatus,
  columns: [
    textColumn('Type', { of: 'V1PriorityLevelConfigurationSpec.type' }, ({ spec }) => spec?.type ?? ''),
    textColumn('NominalConcurrencyShares', { of: 'V1LimitedPriorityLevelConfiguration.nominalConcurrencyShares' }, ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>'),
    textColumn('Queues', { of: 'V1QueuingConfiguration.queues' }, ({ spec }) => spec?.limited?.limitResponse?.queuing?.queues ?? '<none>'),
    textColumn('HandSize', { of: 'V1QueuingConfiguration.handSize' }, ({ spec }) => spec?.limited?.limitResponse?.queuing?.handSize ?? '<none>'),
    textColumn('QueueLengthLimit', { of: 'V1QueuingConfiguration.queueLengthLimit' }, ({ spec }) => spec?.limited?.limitResponse?.queuing?.queueLengthLimit ?? '<none>'),
    ageColumn,
  ],
});

/** The order in which schemas are tried. */
export function bySchemaOrder(a: V1FlowSchema, b: V1FlowSchema): number {
  return (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

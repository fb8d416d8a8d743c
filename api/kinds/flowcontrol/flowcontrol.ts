import type { V1FlowSchema, V1PriorityLevelConfiguration } from '../../generated/types.ts';
import { ageColumn, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateFlowSchema, validatePriorityLevel } from './validateFlowControl.ts';

export const flowSchema = defineKind<V1FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  model: 'V1FlowSchema',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000;
  },
  validate: validateFlowSchema,
  columns: [
    textColumn('PriorityLevel', 'Where its requests go.', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
    textColumn('MatchingPrecedence', 'Which schema comes first.', ({ spec }) => String(spec?.matchingPrecedence ?? 0)),
    textColumn('DistinguisherMethod', 'How flows are told apart.', ({ spec }) => orNone(spec?.distinguisherMethod?.type)),
    ageColumn,
    textColumn('MissingPL', 'Whether the priority level is missing.', ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?'),
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
  columns: [
    textColumn('Type', 'Whether requests are limited.', ({ spec }) => spec?.type ?? ''),
    textColumn('NominalConcurrencyShares', 'Its share of the requests.', ({ spec }) => orNone(spec?.limited?.nominalConcurrencyShares?.toString())),
    textColumn('Queues', 'How many queues it has.', ({ spec }) => orNone(spec?.limited?.limitResponse?.queuing?.queues?.toString())),
    textColumn('HandSize', 'How many queues a flow may use.', ({ spec }) => orNone(spec?.limited?.limitResponse?.queuing?.handSize?.toString())),
    textColumn('QueueLengthLimit', 'How many requests may wait in a queue.', ({ spec }) => orNone(spec?.limited?.limitResponse?.queuing?.queueLengthLimit?.toString())),
    ageColumn,
  ],
});

import type { CoreV1Event, V1EventSource } from '../../generated/types.ts';
import type { TableColumn } from '../../resourceDefinition.ts';
import { ageOf } from '../../values/duration.ts';
import { textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateCoreEvent } from '../events/validateEvent.ts';

const firstSeen = (event: CoreV1Event, now: number): string => ageOf(event.firstTimestamp ?? event.eventTime, now);
const countOf = ({ series, count }: CoreV1Event): number => series?.count ?? (count || 1);

/** Ordered by what was seen last: here the object's own name stands at the end, and only in the wide form. */
export const eventColumns: readonly TableColumn<CoreV1Event>[] = [
  textColumn('Last Seen', { of: 'CoreV1Event.lastTimestamp' }, (event, now) => {
    if (event.series) return ageOf(event.series.lastObservedTime, now);
    return event.lastTimestamp ? ageOf(event.lastTimestamp, now) : firstSeen(event, now);
  }),
  textColumn('Type', { of: 'CoreV1Event.type' }, ({ type }) => type ?? ''),
  textColumn('Reason', { of: 'CoreV1Event.reason' }, ({ reason }) => reason ?? ''),
  textColumn('Object', 'The object that this event is about.', ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())),
  textColumn('Subobject', { of: 'V1ObjectReference.fieldPath' }, ({ involvedObject }) => involvedObject.fieldPath ?? '', 1),
  textColumn('Source', 'The component reporting this event. Should be a short machine understandable string.', formatSource, 1),
  textColumn('Message', { of: 'CoreV1Event.message' }, ({ message }) => (message ?? '').trim()),
  textColumn('First Seen', { of: 'CoreV1Event.firstTimestamp' }, firstSeen, 1),
  textColumn('Count', { of: 'CoreV1Event.count' }, countOf, 1),
  { ...textColumn('Name', { of: 'V1ObjectMeta.name' }, ({ metadata }) => metadata.name, 1), format: 'name' },
];

export const event = defineKind<CoreV1Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  model: 'CoreV1Event',
  createOnUpdate: true,
  setDefaults(object) {
    object.involvedObject ??= {};
  },
  validate: validateCoreEvent,
  columns: eventColumns,
  selectableFields: (event) => ({
    'involvedObject.kind': event.involvedObject.kind ?? '',
    'involvedObject.namespace': event.involvedObject.namespace ?? '',
    'involvedObject.name': event.involvedObject.name ?? '',
    'involvedObject.uid': event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': event.involvedObject.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source?.component || (event.reportingComponent ?? ''),
    type: event.type ?? '',
  }),
});

function formatSource({ source, reportingComponent, reportingInstance }: CoreV1Event): string {
  const { component = reportingComponent ?? '', host = reportingInstance ?? '' }: V1EventSource = source ?? {};
  return host === '' ? component : `${component}, ${host}`;
}

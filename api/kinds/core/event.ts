import type { CoreV1Event, V1EventSource } from '../../generated/types.ts';
import { invalid, type FieldError } from '../../fieldError.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { ageOf } from '../../values/duration.ts';
import { integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const firstSeen = (event: CoreV1Event, now: number): string => ageOf(event.firstTimestamp ?? event.eventTime, now);
const countOf = ({ series, count }: CoreV1Event): number => series?.count ?? (count || 1);

/** Ordered by what was seen last: here the object's own name stands at the end, and only in the wide form. */
export const eventColumns: readonly TableColumn<CoreV1Event>[] = [
  textColumn('Last Seen', 'When it was last observed.', (event, now) => {
    if (event.series) return ageOf(event.series.lastObservedTime, now);
    return event.lastTimestamp === undefined ? firstSeen(event, now) : ageOf(event.lastTimestamp, now);
  }),
  textColumn('Type', 'Normal or Warning.', ({ type }) => type ?? ''),
  textColumn('Reason', 'Why it happened, in one word.', ({ reason }) => reason ?? ''),
  textColumn('Object', 'The object that it is about.', ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())),
  textColumn('Subobject', 'The part of the object that it is about.', ({ involvedObject }) => involvedObject.fieldPath ?? '', 1),
  textColumn('Source', 'The component that reported it.', formatSource, 1),
  textColumn('Message', 'What happened.', ({ message }) => (message ?? '').trim()),
  textColumn('First Seen', 'When it was first observed.', firstSeen, 1),
  integerColumn('Count', 'How often it was observed.', countOf, 1),
  textColumn('Name', 'Name of the event.', ({ metadata }) => metadata.name, 1),
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
  validate,
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

/** An event stands beside its object; what is about cluster-scoped objects stands in `default`. */
function validate({ metadata, involvedObject }: IncomingObject<CoreV1Event>): FieldError[] {
  const about = involvedObject?.namespace ?? '';
  const own = metadata.namespace ?? '';
  if (about === '') return own === '' || own === 'default' || own === 'kube-system' ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
  return about === own ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

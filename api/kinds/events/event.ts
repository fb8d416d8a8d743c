import type { CoreV1Event, EventsV1Event } from '../../generated/types.ts';
import type { KubeObject } from '../../meta.ts';
import type { TableColumn } from '../../resourceDefinition.ts';
import { eventColumns } from '../core/event.ts';
import { defineKind } from '../defineKind.ts';
import { validateEvent, validateEventUpdate, validateNewEvent } from './validateEvent.ts';

/** The newer form of an event; both are views of the same stored object. */
export const eventsEvent = defineKind<EventsV1Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  model: 'EventsV1Event',
  storage: { group: '', version: 'v1' },
  convert: { toStorage: (object) => toCore(object as EventsV1Event), fromStorage: (object) => fromCore(object as CoreV1Event) },
  createOnUpdate: true,
  validate: validateEvent,
  validateCreate: validateNewEvent,
  validateUpdate: validateEventUpdate,
  columns: eventColumns.map((column): TableColumn<EventsV1Event> => ({ ...column, value: (object, now) => column.value(toCore(object), now) })),
  selectableFields: (event) => ({
    'regarding.kind': event.regarding?.kind ?? '',
    'regarding.namespace': event.regarding?.namespace ?? '',
    'regarding.name': event.regarding?.name ?? '',
    'regarding.uid': event.regarding?.uid ?? '',
    'regarding.apiVersion': event.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': event.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': event.regarding?.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingController: event.reportingController ?? '',
    type: event.type ?? '',
  }),
});

/** Drops what is undefined, so that conversion there and back gives the same JSON. */
function compact<T extends KubeObject>(object: T): T {
  for (const key of Object.keys(object) as (keyof T)[]) if (object[key] === undefined) delete object[key];
  return object;
}

function toCore(event: EventsV1Event): CoreV1Event {
  const { note, regarding, reportingController, deprecatedCount, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedSource, eventTime, ...same } = event;
  return compact<CoreV1Event>({
    ...same,
    // Null stands for none.
    eventTime: eventTime || undefined,
    apiVersion: 'v1',
    message: note,
    involvedObject: regarding ?? {},
    reportingComponent: reportingController,
    count: deprecatedCount,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    source: deprecatedSource,
  });
}

function fromCore(event: CoreV1Event): EventsV1Event {
  const { message, involvedObject, reportingComponent, count, firstTimestamp, lastTimestamp, source, eventTime, series, ...same } = event;
  return compact<EventsV1Event>({
    ...same,
    apiVersion: 'events.k8s.io/v1',
    // The newer form says null where the older one has no such time.
    eventTime: (eventTime ?? null) as unknown as string,
    note: message,
    regarding: involvedObject,
    reportingController: reportingComponent,
    deprecatedCount: count,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedSource: source,
    series: series && { count: series.count ?? 0, lastObservedTime: series.lastObservedTime ?? '' },
  });
}

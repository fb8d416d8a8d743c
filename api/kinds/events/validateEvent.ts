import type { CoreV1Event, EventsV1Event, V1ObjectReference } from '../../generated/types.ts';
import { append, type FieldError, invalid, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach } from '../../validation/fields.ts';
import { validateQualifiedName } from '../../validation/names.ts';
import { semanticEqual } from '../../values/deepEqual.ts';

const MAX_LENGTH = 128;
const MAX_NOTE_LENGTH = 1024;

type NewEvent = IncomingObject<EventsV1Event>;

/** What an event of either version says, under the names that they share. */
interface Said {
  readonly namespace: string | undefined;
  readonly about: V1ObjectReference | undefined;
  readonly eventTime: string | undefined;
  readonly controller: string | undefined;
  readonly instance: string | undefined;
  readonly action: string | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** An event of the core group (`legacyValidateEvent`). */
export function validateCoreEvent({ metadata, involvedObject, reportingComponent, reportingInstance, message, eventTime, action, reason }: IncomingObject<CoreV1Event>): FieldError[] {
  const said = { namespace: metadata.namespace, about: involvedObject, eventTime: eventTime || undefined, controller: reportingComponent, instance: reportingInstance, action, reason, message };
  return validateSaid(said, 'reportingComponent');
}

/** An event of events.k8s.io, in part by the names of the core group. */
export function validateEvent({ metadata, regarding, reportingController, reportingInstance, note, eventTime, action, reason }: NewEvent): FieldError[] {
  return validateSaid({ namespace: metadata.namespace, about: regarding, eventTime: eventTime || undefined, controller: reportingController, instance: reportingInstance, action, reason, message: note }, 'reportingController');
}

/** An event stands beside its object; one about an object of the cluster stands in `default`. One with a time of its own is of the newer sort, and says more. */
function validateSaid({ namespace = '', about, eventTime, controller = '', instance, action, reason, message = '' }: Said, nameOfController: string): FieldError[] {
  const of = about?.namespace ?? '';
  const mismatch = [invalid('involvedObject.namespace', of, 'does not match event.namespace')];
  if (eventTime === undefined) return (of === '' ? namespace === '' || namespace === 'default' : of === namespace) ? [] : mismatch;
  const errors = of === '' && namespace !== 'default' && namespace !== 'kube-system' ? mismatch : [];
  if (controller === '') errors.push(required(nameOfController));
  append(errors, invalidEach(nameOfController, controller, validateQualifiedName(controller)));
  append(errors, bounded('reportingInstance', instance), bounded('action', action), bounded('reason', reason));
  return Buffer.byteLength(message) > MAX_NOTE_LENGTH ? [...errors, invalid('message', '', `can have at most ${MAX_NOTE_LENGTH} characters`)] : errors;
}

function bounded(field: string, text: string | undefined): FieldError[] {
  if (!text) return [required(field)];
  return Buffer.byteLength(text) > MAX_LENGTH ? [invalid(field, '', `can have at most ${MAX_LENGTH} characters`)] : [];
}

/** What a new event of events.k8s.io must say beyond that; those of the core group may say less (`ValidateEventCreate`). */
export function validateNewEvent(event: NewEvent): FieldError[] {
  const { eventTime, type = '', deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, deprecatedSource } = event;
  const errors = validateSeries(event);
  if (!eventTime) errors.push(required('eventTime'));
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
  const isSet = { firstTimestamp: Boolean(deprecatedFirstTimestamp), lastTimestamp: Boolean(deprecatedLastTimestamp), count: Boolean(deprecatedCount), source: Boolean(deprecatedSource?.component) || Boolean(deprecatedSource?.host) };
  return [...errors, ...Object.entries(isSet).flatMap(([name, set]) => (set ? [invalid(name, '', 'needs to be unset')] : []))];
}

function validateSeries({ series }: NewEvent): FieldError[] {
  if (!series) return [];
  const errors = (series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : [];
  return series.lastObservedTime ? errors : [...errors, required('series.lastObservedTime')];
}

/** Only its series goes on (`ValidateEventUpdate`). */
export function validateEventUpdate(event: NewEvent, previous: EventsV1Event): FieldError[] {
  const fixed = (field: string, name: keyof EventsV1Event): FieldError[] => immutable(field, event[name as keyof NewEvent], previous[name]);
  return [
    ...(semanticEqual(event.series, previous.series) ? [] : validateSeries(event)),
    ...fixed('involvedObject', 'regarding'),
    ...fixed('reason', 'reason'),
    ...fixed('message', 'note'),
    ...fixed('source', 'deprecatedSource'),
    ...fixed('firstTimestamp', 'deprecatedFirstTimestamp'),
    ...fixed('lastTimestamp', 'deprecatedLastTimestamp'),
    ...fixed('count', 'deprecatedCount'),
    ...fixed('reportingController', 'reportingController'),
    ...fixed('reportingInstance', 'reportingInstance'),
    ...fixed('action', 'action'),
    ...fixed('related', 'related'),
    ...fixed('type', 'type'),
    ...fixed('eventTime', 'eventTime'),
  ];
}

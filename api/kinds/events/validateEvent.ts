import type { EventsV1Event } from '../../generated/types.ts';
import { invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateQualifiedName } from '../../validation/names.ts';

const MAX_LENGTH = 128;
const MAX_NOTE_LENGTH = 1024;

/** What a new event of events.k8s.io must say; those of the core group may say less (`ValidateEventCreate`). */
export function validateNewEvent(event: IncomingObject<EventsV1Event>): FieldError[] {
  const { eventTime, type = '', reportingController = '', reportingInstance, action, reason, note = '' } = event;
  const errors: FieldError[] = [];
  if (!eventTime) errors.push(required('eventTime'));
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
  errors.push(...(reportingController === '' ? [required('reportingController')] : []), ...invalidEach('reportingController', reportingController, validateQualifiedName(reportingController)));
  errors.push(...bounded('reportingInstance', reportingInstance), ...bounded('action', action), ...bounded('reason', reason));
  if (Buffer.byteLength(note) > MAX_NOTE_LENGTH) errors.push(invalid('message', '', `can have at most ${MAX_NOTE_LENGTH} characters`));
  return errors;
}

function bounded(field: string, text: string | undefined): FieldError[] {
  if (!text) return [required(field)];
  return Buffer.byteLength(text) > MAX_LENGTH ? [invalid(field, '', `can have at most ${MAX_LENGTH} characters`)] : [];
}

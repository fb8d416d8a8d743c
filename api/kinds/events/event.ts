import type { EventsV1Event } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

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
  createOnUpdate: true,
});

import type { CoreV1Event } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

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
});

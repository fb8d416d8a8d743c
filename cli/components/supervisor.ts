import { defineComponent } from '../component.ts';
import { start } from '../supervisor/main.ts';

export const supervisor = defineComponent({
  name: 'supervisor',
  summary: 'keeps the services of this machine running (started by up where there is no systemd)',
  flags: {},
  start: (_, { paths }, context) => start({ paths }, context),
});

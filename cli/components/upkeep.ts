import { keepRenewed } from '../certs/keepRenewed.ts';
import { durationFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';

export const upkeep = defineComponent({
  name: 'upkeep',
  summary: "renews this machine's certificates before they end",
  flags: {
    'certificate-check-period': durationFlag(24 * 3_600_000, 'how often the certificates are looked at'),
  },
  start: (values, settings, context) => Promise.resolve({ stopped: keepRenewed(settings, values['certificate-check-period'], context) }),
});

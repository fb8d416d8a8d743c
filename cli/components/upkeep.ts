import { keepRenewed } from '../certs/keepRenewed.ts';
import { durationFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';
import { keepSnapshots } from '../snapshot/schedule.ts';

export const upkeep = defineComponent({
  name: 'upkeep',
  summary: "renews this machine's certificates before they end, and takes its scheduled snapshots",
  flags: {
    'certificate-check-period': durationFlag(24 * 3_600_000, 'how often the certificates are looked at'),
  },
  start: (values, settings, context) => {
    const loops = [keepRenewed(settings, values['certificate-check-period'], context), keepSnapshots(settings, context)];
    return Promise.resolve({ stopped: Promise.all(loops).then(() => undefined) });
  },
});

import { keepRenewed } from '../certs/keepRenewed.ts';
import { durationFlag } from '../../process/flags.ts';
import { defineComponent } from '../component.ts';
import { keepTaint } from '../join/keepTaint.ts';
import { keepSnapshots } from '../snapshot/schedule.ts';

export const upkeep = defineComponent({
  name: 'upkeep',
  summary: "renews this machine's certificates before they end, takes its scheduled snapshots, and keeps pods off a control plane that others relieve",
  flags: {
    'certificate-check-period': durationFlag(24 * 3_600_000, 'how often the certificates are looked at'),
  },
  start: (values, settings, context) => {
    const loops = [keepRenewed(settings, values['certificate-check-period'], context), keepSnapshots(settings, context), keepTaint(settings, context)];
    return Promise.resolve({ stopped: Promise.all(loops).then(() => undefined) });
  },
});

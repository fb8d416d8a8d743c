import type { LeaseTimes } from '../../client/leaderElection.ts';
import { booleanFlag, durationFlag, type FlagValues } from '../../process/flags.ts';

/** Kubernetes' flags of components of which one leads; 0: the default, 15 s, 10 s and 2 s, or what a configuration file says. */
export const leaderElectionFlags = {
  'leader-elect': booleanFlag(true, 'whether only one of several instances works, and the others wait'),
  'leader-elect-lease-duration': durationFlag(0, 'how long the others wait for a leader that says nothing; 0: 15s'),
  'leader-elect-renew-deadline': durationFlag(0, 'how long a leader goes on that cannot renew its lease; 0: 10s'),
  'leader-elect-retry-period': durationFlag(0, 'how often the lease is renewed, or tried for; 0: 2s'),
};

export function leaseTimesOf(values: FlagValues<typeof leaderElectionFlags>): LeaseTimes {
  const { 'leader-elect-lease-duration': leaseDuration, 'leader-elect-renew-deadline': renewDeadline, 'leader-elect-retry-period': retryPeriod } = values;
  return { ...(leaseDuration === 0 ? {} : { leaseDuration }), ...(renewDeadline === 0 ? {} : { renewDeadline }), ...(retryPeriod === 0 ? {} : { retryPeriod }) };
}

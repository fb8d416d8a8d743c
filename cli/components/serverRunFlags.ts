import { booleanFlag, durationFlag, FlagError, type FlagValues, integerFlag, listFlag, numberFlag, stringFlag } from '../../process/flags.ts';

/** How requests are served and the server stops; Kubernetes' own names. Those that tune what Gantry does another way say so. */
export const serverRunFlags = {
  'external-hostname': stringFlag('', 'the name by which clients are told to reach this server, in discovery and as the place of the keys of tokens; unless given, its address'),
  'max-requests-inflight': integerFlag(400, 'how many reading requests are served at a time'),
  'max-mutating-requests-inflight': integerFlag(200, 'how many writing requests are served at a time'),
  'enable-priority-and-fairness': booleanFlag(true, 'whether requests are sorted into priority levels and get their turn fairly; otherwise only their number is limited'),
  'request-timeout': durationFlag(60_000, 'how long a request may take that is no watch or stream'),
  'min-request-timeout': integerFlag(1800, 'seconds that a watch lasts at least; at most twice as long'),
  'goaway-chance': numberFlag(0, 'part of the answers, up to .02, after which the connection is closed, so that clients spread over several servers'),
  'http2-max-streams-per-connection': integerFlag(0, 'requests and watches at a time on one connection of HTTP/2; 0: 100'),
  'disable-http2-serving': booleanFlag(false, 'whether only HTTP/1.1 is served'),
  'permit-port-sharing': booleanFlag(false, 'whether other processes may listen on the same address and port'),
  'permit-address-sharing': booleanFlag(false, 'without effect: Node.js always binds so (SO_REUSEADDR)'),
  'shutdown-delay-duration': durationFlag(0, 'how long everything is still served after the signal to stop, while /readyz fails already'),
  'shutdown-send-retry-after': booleanFlag(false, 'without effect: while answers are finished, new connections are refused, which clients try again'),
  'shutdown-watch-termination-grace-period': durationFlag(0, 'without effect: watches end at once when the server stops, and clients begin them anew elsewhere'),
  'livez-grace-period': durationFlag(0, 'without effect: /livez tells of what is done after the start from the beginning'),
} as const;

type Values = FlagValues<typeof serverRunFlags>;

/** What Kubernetes says of values that do not go, in its order. */
export function serverRunFaults(values: Values, securePort: number): string[] {
  const negative = (name: 'max-requests-inflight' | 'max-mutating-requests-inflight' | 'request-timeout' | 'min-request-timeout' | 'shutdown-delay-duration'): string[] => (values[name] < 0 ? [`--${name} can not be negative value`] : []);
  const chance = values['goaway-chance'];
  return [
    ...(values['livez-grace-period'] < 0 ? ['--livez-grace-period can not be a negative value'] : []),
    ...negative('max-requests-inflight'),
    ...negative('max-mutating-requests-inflight'),
    ...negative('request-timeout'),
    ...(chance < 0 || chance > 0.02 ? ['--goaway-chance can not be less than 0 or greater than 0.02'] : []),
    ...negative('min-request-timeout'),
    ...negative('shutdown-delay-duration'),
    ...(values['shutdown-watch-termination-grace-period'] < 0 ? ['shutdown-watch-termination-grace-period, if provided, can not be a negative value'] : []),
    ...(securePort < 0 || securePort > 65_535 ? [`--secure-port ${securePort} must be between 1 and 65535, inclusive. It cannot be turned off with 0`] : []),
  ];
}

/** Throws a `FlagError` where nothing could be served at all. */
export function checkConcurrency(values: Values): void {
  const { 'max-requests-inflight': reading, 'max-mutating-requests-inflight': writing } = values;
  if (values['enable-priority-and-fairness'] && reading + writing === 0) {
    throw new FlagError(`invalid configuration: MaxRequestsInFlight=${reading} and MaxMutatingRequestsInFlight=${writing}; they must add up to something positive`);
  }
}

/**
 * What a kube-apiserver is often started with, kubeadm's flags among them, and here can only say what is so anyway; with other values the server does not start.
 * Each is named with the values that are so.
 */
export const fixedFlags = {
  'allow-privileged': booleanFlag(true, 'whether pods may be privileged; they may, and PodSecurity forbids it where that is wanted'),
  'apiserver-count': integerFlag(1, 'without effect: servers are counted by their leases'),
  'endpoint-reconciler-type': stringFlag('lease', 'how servers know of each other: lease'),
  'kubernetes-service-node-port': integerFlag(0, 'port of the Service kubernetes on the nodes; 0: it has none'),
  'service-account-signing-endpoint': stringFlag('', 'socket of a program that signs the tokens of ServiceAccounts; they are signed by --service-account-signing-key-file'),
  'debug-socket-path': stringFlag('', 'socket that shows profiles to everybody who may open it; there is none'),
  'allow-metric-labels-manifest': stringFlag('', 'file of values that labels of metrics may have; there is none'),
} as const;

/** Throws a `FlagError` for values that would have to do what Gantry does not. */
export function checkFixed(values: FlagValues<typeof fixedFlags>): void {
  const types = ['lease', 'master-count', 'none'];
  const type = values['endpoint-reconciler-type'];
  const wrong: readonly (readonly [boolean, string])[] = [
    [!values['allow-privileged'], '--allow-privileged=false: Gantry always allows privileged pods; forbid them by Pod Security (docs/admission.md)'],
    [values['apiserver-count'] <= 0, `--apiserver-count should be a positive number, but value '${values['apiserver-count']}' provided`],
    [!types.includes(type), `--endpoint-reconciler-type must be one of: [${types.join(', ')}]`],
    [type !== 'lease', `--endpoint-reconciler-type=${type}: Gantry's servers know of each other by leases`],
    [values['kubernetes-service-node-port'] !== 0, '--kubernetes-service-node-port: the Service kubernetes has no port on the nodes in Gantry'],
    [values['service-account-signing-endpoint'] !== '', '--service-account-signing-endpoint: Gantry signs tokens by --service-account-signing-key-file only'],
    [values['debug-socket-path'] !== '', '--debug-socket-path: Gantry has no profiles to show'],
    [values['allow-metric-labels-manifest'] !== '', '--allow-metric-labels-manifest: Gantry cannot restrict the values of labels'],
  ];
  const found = wrong.find(([isWrong]) => isWrong);
  if (found) throw new FlagError(found[1]);
}

/** Taken so that whoever starts kube-apiserver by them can start this; each says why it changes nothing here. */
export const toleratedFlags = {
  'cert-dir': stringFlag('/var/run/kubernetes', 'without effect: certificates are in the folder of the cluster, or where flags say'),
  'contention-profiling': booleanFlag(false, 'without effect: a single thread does not wait for locks'),
  profiling: booleanFlag(true, 'without effect: there are no profiles in the form of Go'),
  'coordinated-leadership-lease-duration': durationFlag(15_000, 'without effect: the feature CoordinatedLeaderElection is off'),
  'coordinated-leadership-renew-deadline': durationFlag(10_000, 'without effect, as before'),
  'coordinated-leadership-retry-period': durationFlag(2_000, 'without effect, as before'),
  'kubelet-timeout': durationFlag(5_000, 'without effect: the connection to a kubelet lives as long as the request'),
  'max-connection-bytes-per-sec': integerFlag(0, 'without effect: connections of users to pods are not slowed down'),
  'peer-advertise-ip': stringFlag('', 'without effect: servers hand no requests on to each other'),
  'peer-advertise-port': stringFlag('', 'without effect, as before'),
  'peer-ca-file': stringFlag('', 'without effect, as before'),
  'allow-metric-labels': listFlag([], 'without effect: labels have the values that they have'),
} as const;

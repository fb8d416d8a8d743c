import { booleanFlag, durationFlag, FlagError, type FlagValues, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import { readGoInteger } from '../../process/goNumbers.ts';

/** How etcd is used; Kubernetes' own names. Those that tune what Gantry does another way say so. */
export const storageFlags = {
  'storage-backend': stringFlag('', 'where objects are kept: etcd3'),
  'storage-media-type': stringFlag('application/vnd.kubernetes.protobuf', 'without effect: values in etcd are JSON'),
  'storage-initialization-timeout': durationFlag(60_000, 'without effect: /readyz fails until everything has been read, however long that takes'),
  'etcd-prefix': stringFlag('/registry', 'below which keys are kept; no other can be chosen'),
  'etcd-servers-overrides': listFlag([], 'GROUP/RESOURCE#SERVERS: other etcds for single kinds; there cannot be any'),
  'etcd-compaction-interval': durationFlag(300_000, "how often etcd's history is forgotten; 0: not by this server"),
  'etcd-count-metric-poll-period': durationFlag(60_000, 'without effect: objects are counted in memory'),
  'etcd-db-metric-poll-interval': durationFlag(30_000, 'without effect: etcd tells its size by its own metrics'),
  'etcd-healthcheck-timeout': durationFlag(2_000, "how long etcd may take to answer /healthz"),
  'etcd-readycheck-timeout': durationFlag(2_000, 'how long etcd may take to answer /readyz'),
  'lease-reuse-duration-seconds': integerFlag(60, 'for how long objects that expire share a lease of etcd'),
  'watch-cache': booleanFlag(true, 'without effect: everything is in memory, always'),
  'watch-cache-sizes': listFlag([], 'RESOURCE#SIZE; without effect: how many events are kept depends on the time and not on their number'),
  'default-watch-cache-size': integerFlag(100, 'without effect, as before'),
  'delete-collection-workers': integerFlag(1, 'without effect: the objects of a collection are deleted side by side'),
  'enable-garbage-collector': booleanFlag(true, 'whether the controller manager collects garbage; it always does'),
} as const;

type Values = FlagValues<typeof storageFlags>;

const MEDIA_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];

/** What Kubernetes says of values that do not go, in its order. */
export function storageFaults(values: Values, encryption: { readonly file: string; readonly reload: boolean }): string[] {
  const { 'storage-backend': backend, 'storage-media-type': mediaType, 'etcd-servers-overrides': overrides } = values;
  const wrong = overrides.find((each) => !isOverride(each));
  return [
    ...(backend === '' || backend === 'etcd3' ? [] : ["--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'"]),
    ...(wrong === undefined ? [] : ['--etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated']),
    ...(encryption.reload && encryption.file === '' ? ['--encryption-provider-config-automatic-reload must be set with --encryption-provider-config'] : []),
    ...(MEDIA_TYPES.includes(mediaType) ? [] : [`--storage-media-type ${JSON.stringify(mediaType)} invalid, allowed values: ${MEDIA_TYPES.join(', ')}`]),
  ];
}

/** Throws a `FlagError` for what would put objects elsewhere than they are, and for sizes that are none. */
export function checkStorage(values: Values): void {
  for (const each of values['watch-cache-sizes']) {
    const [, size, ...more] = each.split('#');
    if (size === undefined || more.length > 0) throw new FlagError(`invalid value of watch cache size: ${each}`);
    const number = readGoInteger(size);
    if (typeof number === 'string' || !/^[-+]?\d+$/.test(size)) throw new FlagError(`invalid size of watch cache size: ${each}`);
    if (number < 0) throw new FlagError(`watch cache size cannot be negative: ${each}`);
  }
  if (values['etcd-prefix'].replace(/^\/?/, '/') !== '/registry') throw new FlagError(`--etcd-prefix: Gantry keeps its objects below /registry, not ${values['etcd-prefix']}`);
  if (values['etcd-servers-overrides'].length > 0) throw new FlagError('--etcd-servers-overrides: Gantry keeps all objects in the etcd of --etcd-servers');
  if (!values['enable-garbage-collector']) throw new FlagError("--enable-garbage-collector: Gantry's controller manager always collects garbage");
}

function isOverride(text: string): boolean {
  const [resource = '', servers, ...more] = text.split('#');
  return servers !== undefined && more.length === 0 && resource.split('/').length === 2 && !servers.split(';').includes('');
}

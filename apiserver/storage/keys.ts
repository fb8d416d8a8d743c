/** Everything that Gantry keeps in etcd; `REGISTRY_END` is the end of that range. */
export const REGISTRY = '/registry/';
export const REGISTRY_END = '/registry0';

/** Our own bookkeeping: what is directly in here (tick, compaction, fence, offset) is not cached; folders of it (port claims) are. */
export const OWN_PREFIX = '/registry/.gantry/';
/** Written to move etcd's events past revisions that brought us none. */
export const TICK_KEY = `${OWN_PREFIX}tick`;
export const COMPACTION_KEY = `${OWN_PREFIX}compaction`;
/** Changed to void creations whose answer was lost, see `fence.ts`. */
export const FENCE_KEY = `${OWN_PREFIX}fence`;
/** What is added to etcd's revision to make a resourceVersion; a restore raises it. */
export const OFFSET_KEY = `${OWN_PREFIX}revision-offset`;

/** Kubernetes' groups without a dot in their name; no resource of the core group has one of these names or a dot. */
const GROUPS_WITHOUT_DOT = new Set(['apps', 'batch', 'autoscaling', 'policy', 'extensions']);

/** The prefix of all objects of the resource that a key or a key prefix is about: `/registry/pods/` of `/registry/pods/default/web`. */
export function resourcePrefixOf(key: string): string {
  const first = key.indexOf('/', REGISTRY.length);
  if (first < 0) return REGISTRY;
  const segment = key.slice(REGISTRY.length, first);
  if (!segment.includes('.') && !GROUPS_WITHOUT_DOT.has(segment)) return key.slice(0, first + 1);
  const second = key.indexOf('/', first + 1);
  return key.slice(0, (second < 0 ? first : second) + 1);
}

/** The namespace's part of a resource, or all of a cluster-scoped resource: the key up to its name. */
export function directoryOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

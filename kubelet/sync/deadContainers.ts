import type { Container, RuntimePod, Sandbox } from '../runtime/types.ts';

/** One ended run of each container stays, for `lastState` and `logs --previous` (`maxPerPodContainerCount`). */
const KEPT_RUNS = 1;

/** What of a pod that goes on is of no use any more: old ended runs, and sandboxes which none of the kept containers is in. */
export function surplusOf(runtime: RuntimePod): { readonly containers: readonly Container[]; readonly sandboxes: readonly Sandbox[] } {
  const ended = new Map<string, number>();
  const containers = runtime.containers.filter((container, at) => {
    if (container.state === 'Running' || container.state === 'Created') return false;
    const newest = runtime.containers.findIndex((each) => each.name === container.name) === at;
    if (newest) return false;
    const count = (ended.get(container.name) ?? 0) + 1;
    ended.set(container.name, count);
    return count > KEPT_RUNS;
  });
  const kept = runtime.containers.filter((container) => !containers.includes(container));
  const sandboxes = runtime.sandboxes.slice(1).filter((sandbox) => sandbox.state === 'NotReady' && !kept.some((container) => container.sandboxId === sandbox.id));
  return { containers, sandboxes };
}

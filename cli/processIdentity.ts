import { bootId } from './hostRecord.ts';
import { isAlive, markProcess } from './supervisor/processMark.ts';

/** Names this process among all of a cluster, now and later: `<node>_<boot>_<process>_<time of its start>`. */
export function processIdentity(nodeName: string): string {
  const mark = markProcess(process.pid)!;
  return [nodeName, bootId(), mark.pid, mark.startTime].join('_');
}

/** Whether the identity is that of a process of this node which has ended, as after a kill or when the power failed. */
export function hasEnded(identity: string, nodeName: string): boolean {
  const [node, boot, pid, startTime] = identity.split('_');
  if (node !== nodeName || !boot || !pid || !startTime) return false;
  return boot !== bootId() || !isAlive({ pid: Number(pid), startTime });
}

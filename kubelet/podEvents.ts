import type { V1Pod } from '../api/generated/types.ts';
import type { EventRecorder } from '../client/types.ts';
import { fieldPathOf, type SpecContainer } from './podContainers.ts';

/** Events about pods and their containers. */
export interface PodEvents {
  pod(pod: V1Pod, type: 'Normal' | 'Warning', reason: string, message: string): void;
  container(pod: V1Pod, container: SpecContainer, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export function podEvents(recorder: EventRecorder): PodEvents {
  // A pod from a file has no apiVersion and kind of the server's.
  const target = (pod: V1Pod, fieldPath?: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata, ...(fieldPath === undefined ? {} : { fieldPath }) });
  return {
    pod: (pod, type, reason, message) => recorder.event(target(pod), type, reason, message),
    container: (pod, container, type, reason, message) => recorder.event(target(pod, fieldPathOf(container)), type, reason, message),
  };
}

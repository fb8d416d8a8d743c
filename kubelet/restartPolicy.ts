import type { V1Container, V1Pod } from '../api/generated/types.ts';
import { type ContainerKind, isSidecar, specOf } from './podContainers.ts';

/** Whether a container that exited with this code is to be started again, by its own policy and rules, else by the pod's. */
export function restartsAfterExit(pod: V1Pod, container: V1Container, kind: ContainerKind, exitCode: number): boolean {
  if (kind === 'ephemeral') return false;
  if (container.restartPolicyRules?.some((rule) => rule.action === 'Restart' && matches(rule.exitCodes, exitCode))) return true;
  const policy = effectivePolicy(pod, container);
  if (kind === 'init' && !isSidecar(container)) return exitCode !== 0 && policy !== 'Never';
  if (policy === 'Always') return true;
  return policy === 'OnFailure' && exitCode !== 0;
}

/** `Always`, `OnFailure` or `Never`. */
export function effectivePolicy(pod: V1Pod, container: V1Container): string {
  return container.restartPolicy ?? specOf(pod).restartPolicy ?? 'Always';
}

function matches(exitCodes: { readonly operator: string; readonly values?: readonly number[] } | undefined, exitCode: number): boolean {
  if (!exitCodes) return false;
  const listed = exitCodes.values?.includes(exitCode) ?? false;
  return exitCodes.operator === 'NotIn' ? !listed : listed;
}

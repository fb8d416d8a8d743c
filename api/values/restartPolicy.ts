import type { V1Container } from '../generated/types.ts';

/** Whether a container that exited with this code is to be started again: by the first of its rules that fits, else by its own policy, else by its pod's (`podutil.ContainerShouldRestart`). */
export function restartsAfterExit(container: V1Container, podPolicy: string | undefined, exitCode: number): boolean {
  if (container.restartPolicyRules?.some((rule) => rule.action === 'Restart' && matches(rule.exitCodes, exitCode))) return true;
  const policy = container.restartPolicy ?? podPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function matches(exitCodes: { readonly operator: string; readonly values?: readonly number[] } | undefined, exitCode: number): boolean {
  if (!exitCodes) return false;
  const listed = exitCodes.values?.includes(exitCode) ?? false;
  return exitCodes.operator === 'NotIn' ? !listed : listed;
}

import type { V1Status } from '../../../api/generated/types.ts';

export const SUCCESS: V1Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };

/** How a command ended, as clients read it from the error channel (`remotecommand.NonZeroExitCodeReason`). */
export function exitStatus(code: number | undefined): V1Status {
  if (code === undefined || code === 0) return SUCCESS;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** A command that could not be run at all. */
export function failedStatus(message: string): V1Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'InternalError', details: { causes: [{ message }] }, code: 500 };
}

/** What protocols before v4 say in its place: nothing, or the text of the error. */
export function plainStatus(status: V1Status): string {
  return status.status === 'Success' ? '' : (status.message ?? 'unknown error');
}

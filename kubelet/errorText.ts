/** What an error says; anything else as text. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string' ? error.message : String(error);
}

/** The system's code of an error, e.g. `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a file or directory is not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

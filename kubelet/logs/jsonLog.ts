export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, as the engine wrote it. */
  readonly time: string;
  /** With its line feed; without one where the line was too long for one entry. */
  readonly text: string;
}

/** Reads a line of the engine's json-file log; undefined for a line that was cut off by a crash. */
export function parseLogLine(line: string): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line) as { readonly log?: string; readonly stream?: string; readonly time?: string };
    return { stream: stream === 'stderr' ? 'stderr' : 'stdout', time: time ?? '', text: log ?? '' };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

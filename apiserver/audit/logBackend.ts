import { legacyLine } from './auditEvent.ts';
import type { AuditEvent } from './auditEvent.ts';
import type { AuditBackend } from './backends.ts';
import type { RotatingFile } from './rotatingFile.ts';

/** Writes one line for each event, in order. */
export class LogBackend implements AuditBackend {
  readonly #write: RotatingFile['write'];
  readonly #format: (event: AuditEvent) => string;
  #pending: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(file: Pick<RotatingFile, 'write'>, format: 'json' | 'legacy') {
    this.#write = (lines) => file.write(lines);
    this.#format = format === 'json' ? JSON.stringify : legacyLine;
  }

  /** Those who come while something is written go together in the next writing. */
  process(events: readonly AuditEvent[]): Promise<void> {
    this.#pending.push(...events.map((event) => `${this.#format(event)}\n`));
    const next = async (): Promise<void> => {
      if (this.#pending.length === 0) return;
      const lines = this.#pending.join('');
      this.#pending = [];
      await this.#write(lines);
    };
    const written = this.#writing.then(next);
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#writing;
  }
}

import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../../process/clock.ts';

export interface RotationSettings {
  /** Megabytes after which a new file is begun; 0: 100. */
  readonly maxSize: number;
  /** Old files that are kept; 0: all. */
  readonly maxBackups: number;
  /** Days that old files are kept; 0: for ever. */
  readonly maxAge: number;
  readonly compress: boolean;
}

const MEGABYTE = 1024 * 1024;
const DEFAULT_MEGABYTES = 100;
const DAY_MS = 24 * 60 * 60 * 1000;
const STAMP = /-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})$/;

/** A file that only grows to a size; then it is put aside under the time (`audit-2026-01-02T03-04-05.678.log`), as by Kubernetes' lumberjack. Call `write` one after the other. */
export class RotatingFile {
  readonly #path: string;
  readonly #settings: RotationSettings;
  readonly #clock: Clock;
  #size: number | undefined;

  constructor(path: string, settings: RotationSettings, clock: Clock) {
    this.#path = path;
    this.#settings = settings;
    this.#clock = clock;
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    this.#size ??= await this.#open();
    const limit = (this.#settings.maxSize || DEFAULT_MEGABYTES) * MEGABYTE;
    if (this.#size > 0 && this.#size + bytes > limit) await this.#rotate();
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#size += bytes;
  }

  async #open(): Promise<number> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      return (await stat(this.#path)).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }

  async #rotate(): Promise<void> {
    const extension = extname(this.#path);
    const stamp = new Date(this.#clock.now()).toISOString().replaceAll(':', '-').replace('Z', '');
    const aside = join(dirname(this.#path), `${basename(this.#path, extension)}-${stamp}${extension}`);
    await rename(this.#path, aside);
    this.#size = 0;
    if (this.#settings.compress) {
      await pipeline(createReadStream(aside), createGzip(), createWriteStream(`${aside}.gz`, { mode: 0o600 }));
      await chmod(`${aside}.gz`, 0o600);
      await rm(aside);
    }
    for (const name of outdated(await readdir(dirname(this.#path)), basename(this.#path), this.#settings, this.#clock.now())) await rm(join(dirname(this.#path), name), { force: true });
  }
}

/** Which of the names in a folder are files put aside that are too many or too old. */
export function outdated(names: readonly string[], file: string, { maxBackups, maxAge }: Pick<RotationSettings, 'maxBackups' | 'maxAge'>, now: number): string[] {
  const extension = extname(file);
  const stem = basename(file, extension);
  const backups = names.flatMap((name) => {
    const whole = name.endsWith('.gz') ? name.slice(0, -3) : name;
    const stamp = whole.startsWith(`${stem}-`) && whole.endsWith(extension) ? STAMP.exec(basename(whole, extension))?.[1] : undefined;
    return stamp === undefined || basename(whole, extension) !== `${stem}-${stamp}` ? [] : [{ name, stamp, at: Date.parse(`${stamp.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:')}Z`) }];
  });
  backups.sort((a, b) => (a.stamp < b.stamp ? 1 : -1));
  return backups.filter(({ at }, index) => (maxBackups > 0 && index >= maxBackups) || (maxAge > 0 && at < now - maxAge * DAY_MS)).map(({ name }) => name);
}

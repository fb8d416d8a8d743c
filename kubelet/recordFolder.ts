import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a kubelet must know after its restart: a folder of JSON files, one for each record, which only kubelets write. */
export class RecordFolder<T> {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** With the records that kubelets before have kept. What one of them had not finished when it was killed is removed: it had promised nothing yet. */
  static async open<T>(directory: string): Promise<{ readonly folder: RecordFolder<T>; readonly records: readonly T[] }> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const records: T[] = [];
    for (const name of await readdir(directory)) {
      if (name.endsWith('.json')) records.push(JSON.parse(await readFile(join(directory, name), 'utf8')) as T);
      else if (name.endsWith('.json.new')) await rm(join(directory, name), { force: true });
    }
    return { folder: new RecordFolder<T>(directory), records };
  }

  /** A kubelet that is killed meanwhile leaves the old record or the new one. */
  async keep(name: string, record: T): Promise<void> {
    const file = this.#file(name);
    await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async remove(name: string): Promise<void> {
    await rm(this.#file(name), { force: true });
  }

  #file(name: string): string {
    return join(this.#directory, `${name}.json`);
  }
}

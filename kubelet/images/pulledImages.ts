import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface PulledRecord {
  /** The image's id. */
  readonly imageRef: string;
  /** As it was asked for, with a tag or a digest. */
  readonly references: readonly string[];
}

/**
 * Which of the engine's images this kubelet has pulled, kept on disk: only those may it remove. An engine often has others, which people
 * built, loaded or pulled themselves.
 */
export class PulledImages {
  readonly #directory: string;
  readonly #records = new Map<string, PulledRecord>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads what kubelets before have pulled. */
  static async open(rootDir: string): Promise<PulledImages> {
    const pulled = new PulledImages(join(rootDir, 'image_manager', 'pulled'));
    await mkdir(pulled.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(pulled.#directory)) {
      if (!name.endsWith('.json')) continue;
      const record = JSON.parse(await readFile(join(pulled.#directory, name), 'utf8')) as PulledRecord;
      pulled.#records.set(record.imageRef, record);
    }
    return pulled;
  }

  /** Ids of the images. */
  ids(): readonly string[] {
    return [...this.#records.keys()];
  }

  /** Under which references the image was pulled; empty where somebody else brought it. */
  references(id: string): readonly string[] {
    return this.#records.get(id)?.references ?? [];
  }

  async add(id: string, reference: string): Promise<void> {
    const references = this.references(id);
    if (references.includes(reference)) return;
    const record: PulledRecord = { imageRef: id, references: [...references, reference] };
    this.#records.set(id, record);
    const file = this.#file(id);
    await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async remove(id: string): Promise<void> {
    this.#records.delete(id);
    await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return join(this.#directory, `${id.replace(/[^\w-]/g, '-')}.json`);
  }
}

import { join } from 'node:path';
import { RecordFolder } from '../recordFolder.ts';

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
  readonly #folder: RecordFolder<PulledRecord>;
  readonly #records: Map<string, PulledRecord>;

  private constructor(folder: RecordFolder<PulledRecord>, records: readonly PulledRecord[]) {
    this.#folder = folder;
    this.#records = new Map(records.map((record) => [record.imageRef, record]));
  }

  /** Reads what kubelets before have pulled. */
  static async open(rootDir: string): Promise<PulledImages> {
    const { folder, records } = await RecordFolder.open<PulledRecord>(join(rootDir, 'image_manager', 'pulled'));
    return new PulledImages(folder, records);
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
    await this.#folder.keep(fileName(id), record);
  }

  async remove(id: string): Promise<void> {
    this.#records.delete(id);
    await this.#folder.remove(fileName(id));
  }
}

const fileName = (id: string): string => id.replace(/[^\w-]/g, '-');

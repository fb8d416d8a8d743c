import type { KubeObject } from '../../api/meta.ts';
import { inVersion } from '../convertObject.ts';
import type { Fields } from '../fieldManagement/fieldType.ts';
import { atOnce, inTurns } from '../inTurns.ts';
import { toServed, toStored, type ServedResource } from '../registry.ts';

/** Versions that one object of one write is asked for in; more are a mistake. */
const LIMIT = 1000;

/** Says that a webhook has to be asked before a decision can be made; see `withConversions`. */
class ConversionNeeded extends Error {
  readonly ask: () => Promise<void>;

  constructor(ask: () => Promise<void>) {
    super('a conversion webhook was not asked');
    this.ask = ask;
  }
}

/** Conversion of the objects of one write, within decisions that cannot wait: what a webhook has to say of one is kept. */
export class AskedConversions {
  readonly #known = new Map<string, KubeObject>();

  /** An object in another version of its kind; throws what `withConversions` catches where a webhook has to be asked first. */
  convert(from: ServedResource, to: ServedResource, fields: Fields): Fields {
    const object = fields as unknown as KubeObject;
    if (!from.definition.convert?.ahead) return toServed(to, toStored(from, object)) as unknown as Fields;
    const key = `${to.apiVersion} ${JSON.stringify(object)}`;
    const known = this.#known.get(key);
    if (known) return known as unknown as Fields;
    throw new ConversionNeeded(async () => {
      this.#known.set(key, await inVersion(from, to, object));
    });
  }
}

/** Makes a decision anew whenever it needs a conversion, until it has all of them. The decision must change nothing. Of large objects, others get their turn between its steps. */
export async function withConversions<T>(large: boolean, decide: () => Generator<void, T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return large ? await inTurns(decide()) : atOnce(decide());
    } catch (error) {
      if (!(error instanceof ConversionNeeded) || attempt === LIMIT) throw error;
      await error.ask();
    }
  }
}

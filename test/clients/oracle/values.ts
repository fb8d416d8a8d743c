import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { parseFieldSelector } from '../../../api/values/fieldSelector.ts';
import { formatSelector } from '../../../api/values/labelSelector.ts';
import { parseLabelSelector } from '../../../api/values/parseLabelSelector.ts';
import { canonicalQuantity, tryParseQuantity } from '../../../api/values/quantity.ts';
import { attempt, type Comparison, Differences, faultText } from './comparison.ts';
import type { Oracle } from './oracle.ts';

type Random = ReturnType<typeof seededRandom>;

const DIGITS = ['0', '1', '5', '10', '100', '1024', '999', '1000', '1234567', '123456789', '999999999999', '9223372036854775807', '0001', '00', ''];
const FRACTIONS = ['', '', '', '.', '.5', '.125', '.000000001', '.0000000001'];
const SUFFIXES = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'e3', 'E3', 'e-3', 'e0', 'E+2', 'K', 'ki', 'x', ' ', 'e', 'mi', 'e1.5'];
const LABEL_PARTS = ['a', 'b', 'x.y/z', 'in', 'notin', '(', ')', ',', '=', '==', '!=', '!', '>', '<', ' ', '1', '-1', 'a-b', 'A_', '-a', 'a-', '"', 'é', '/', 'x/', 'x'.repeat(64), '\t', 'a/b/c', '08'];
const FIELD_PARTS = ['a', 'metadata.name', 'b.c', '=', '==', '!=', ',', '\\', '\\,', '\\=', '\\\\', ' ', 'x', '!', '\\x'];

/** Quantities and selectors: what is read and how it is written again, and what is said of what cannot be read. */
export async function compareValues(oracle: Oracle, random: Random, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)]!;
  const some = (from: readonly string[], most: number): string[] => Array.from({ length: Math.floor(random() * most) }, () => pick(from));
  for (let round = 0; round < rounds; round += 1) {
    const amount = `${pick(['', '', '', '-', '+'])}${pick(DIGITS)}${pick(FRACTIONS)}${pick(SUFFIXES)}`;
    const { value } = await oracle.ask<string>('quantity', { text: amount });
    found.compare(`quantity ${amount}`, tryParseQuantity(amount) && canonicalQuantity(amount), value);

    const labels = some(LABEL_PARTS, 8).join(pick(['', ' ']));
    found.compare(
      `labels ${labels}`,
      attempt(() => inOrder(formatSelector(parseLabelSelector(labels)))),
      textOf(await oracle.ask<string>('labelSelector', { text: labels }), (text) => inOrder(text.replaceAll('==', '='))),
    );

    const fields = some(FIELD_PARTS, 8).join('');
    // What names nothing selects everything, which is left to who knows the fields that there are.
    const named = (list: readonly (readonly string[])[]): string => JSON.stringify(list.filter(([field, , wanted]) => field !== '' || wanted !== ''));
    found.compare(
      `fields ${fields}`,
      attempt(() => named(parseFieldSelector(fields).map(({ field, equal, value: wanted }) => [field, equal ? '=' : '!=', wanted]))),
      textOf(await oracle.ask<string[][]>('fieldSelector', { text: fields }), named),
    );
  }
  return found;
}

/** Kubernetes sorts requirements where it writes a selector. */
const inOrder = (selector: string): string => selector.split(',').sort().join(',');

function textOf<T>({ value, error }: { readonly value?: T; readonly error?: string }, show: (value: T) => string): string {
  return error === undefined ? show(value ?? ('' as T)) : faultText(error);
}

import { formatQuantity, milliQuantityOf, milliValue, tryParseQuantity } from './quantity.ts';

/** Writes each amount in canonical form, in place, rounded up to thousandths (`SetDefaults_ResourceList`). What is no quantity stays for validation to refuse. */
export function canonicalizeResources(list: Record<string, string> | undefined): void {
  for (const name in list) {
    const text = list[name] ?? '';
    const quantity = tryParseQuantity(text);
    if (quantity) list[name] = formatQuantity(quantity.nanos % 1_000_000n === 0n ? quantity : milliQuantityOf(milliValue(quantity), quantity.format));
  }
}

/** Texts as Go's `strconv` reads them; a string is what it says of one that it does not take. */

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

export function readGoBoolean(text: string): boolean | string {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : invalidSyntax('ParseBool', text);
}

const DIGITS = /^([-+]?)(?:0[xX](?<hex>(?:_?[\da-fA-F])+)|0[bB](?<binary>(?:_?[01])+)|0[oO]?(?<octal>(?:_?[0-7])+)|(?<decimal>0|[1-9](?:_?\d)*))$/;

/** In any of the bases that Go knows (`0x10`, `0b1`, `017`, `1_000`), within so many bits. */
export function readGoInteger(text: string, bits: 32 | 64 = 64): number | string {
  const { groups } = DIGITS.exec(text) ?? {};
  if (!groups) return invalidSyntax('ParseInt', text);
  const { hex, binary, octal, decimal = '' } = groups;
  const digits = hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : decimal;
  const size = BigInt(digits.replaceAll('_', ''));
  const value = text.startsWith('-') ? -size : size;
  if (BigInt.asIntN(bits, value) !== value) return `strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`;
  return Number(value);
}

/** Decimal numbers; those in hexadecimal and NaN, which Go takes as well, are none of a flag's. */
export function readGoFloat(text: string): number | string {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : invalidSyntax('ParseFloat', text);
}

const invalidSyntax = (reader: string, text: string): string => `strconv.${reader}: parsing ${JSON.stringify(text)}: invalid syntax`;

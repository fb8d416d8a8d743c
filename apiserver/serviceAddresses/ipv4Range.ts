/** Addresses as unsigned 32 bit numbers; undefined for what is no IPv4 address in canonical form. */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((each) => /^(0|[1-9]\d{0,2})$/.test(each) && Number(each) <= 255)) return undefined;
  return parts.reduce((sum, each) => sum * 256 + Number(each), 0);
}

export const formatIPv4 = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** The addresses of a Service range that can be given out: neither the network's own nor the broadcast address. */
export interface AddressRange {
  readonly cidr: string;
  readonly first: number;
  readonly size: number;
}

/** Throws an Error for what is no IPv4 CIDR with room for Services. */
export function parseRange(cidr: string): AddressRange {
  const range = rangeOf(cidr);
  if (!range) throw new Error(`${cidr} is not an IPv4 range for Services: an address and a prefix of 8 to 30 bits`);
  return range;
}

/** Undefined for what is no IPv4 CIDR with room for Services. */
export function rangeOf(cidr: string): AddressRange | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  const base = parseIPv4(address);
  const prefix = Number(bits);
  if (base === undefined || !/^\d{1,2}$/.test(bits) || prefix < 8 || prefix > 30) return undefined;
  const total = 2 ** (32 - prefix);
  return { cidr, first: base - (base % total) + 1, size: total - 2 };
}

export const rangeIncludes = ({ first, size }: AddressRange, address: number): boolean => address >= first && address < first + size;

/**
 * Where the part for dynamic allocation begins: what is below is given out only when the rest is used up, so that addresses and
 * ports which people choose themselves seldom collide (KEP-3070, KEP-3668). `step`: which share of the whole is kept, `most` at most.
 */
export function dynamicOffset(size: number, step: number, most: number): number {
  const least = 16;
  return size < least ? 0 : Math.min(Math.max(least, Math.floor(size / step)), most);
}

/**
 * The first free number in [0, size), beginning at a random one of the dynamic part, then in the part below; undefined when all are
 * taken. `random` is in [0, 1).
 */
export function pickFree(size: number, offset: number, random: number, isTaken: (index: number) => boolean): number | undefined {
  const span = size - offset;
  const start = Math.floor(random * span);
  for (let step = 0; step < span; step += 1) {
    const index = offset + ((start + step) % span);
    if (!isTaken(index)) return index;
  }
  for (let index = 0; index < offset; index += 1) if (!isTaken(index)) return index;
  return undefined;
}

/** JSON with sorted keys and without undefined properties: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const properties = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(properties).sort()) {
    if (properties[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(properties[key])}`);
  }
  return `{${parts.join(',')}}`;
}

/** FNV-1a, 32 bit, over UTF-8. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Without vowels and without 0, 1 and 3, so that no word and no confusion arises (`rand.SafeEncodeString`). */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

export function safeEncode(text: string): string {
  let result = '';
  for (let index = 0; index < text.length; index++) result += SAFE.charAt(text.charCodeAt(index) % SAFE.length);
  return result;
}

/** A short name for a value, for `pod-template-hash` and the names of revisions: the same value always gives the same one. */
export function stableHash(value: unknown, collisionCount?: number): string {
  return safeEncode(String(fnv32a(canonicalJson(value) + (collisionCount === undefined ? '' : String(collisionCount)))));
}

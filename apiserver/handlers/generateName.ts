const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const RANDOM_LENGTH = 5;
/** So that the name is still a DNS label. */
const BASE_LIMIT = 63 - RANDOM_LENGTH;

/** `generateName` with five random characters of an alphabet without vowels, as `names.SimpleNameGenerator` makes them. */
export function generateName(base: string, random: () => number): string {
  let name = base.slice(0, BASE_LIMIT);
  for (let at = 0; at < RANDOM_LENGTH; at += 1) name += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return name;
}

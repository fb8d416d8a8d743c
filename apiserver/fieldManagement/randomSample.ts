import type { Fields } from './fieldType.ts';

/** A random value of the type `SAMPLE`, without duplicate items. */
export function randomSample(random: () => number): Fields {
  const maybe = (value: () => unknown): unknown => (random() < 0.5 ? value() : undefined);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const word = (): string => pick(['a', 'b', 'c', 'd']);
  const some = <T>(from: readonly T[]): T[] => from.filter(() => random() < 0.5).sort(() => random() - 0.5);
  const map = (): Fields => Object.fromEntries(some(['x', 'y', 'z']).map((name) => [name, word()]));
  const free = (depth: number): unknown => (depth === 0 || random() < 0.3 ? pick([1, 'text', true, [1, 2], {}]) : Object.fromEntries(some(['p', 'q']).map((name) => [name, free(depth - 1)])));
  const body = (): Fields => clean({ tags: maybe(() => some(['s', 't'])), limits: maybe(() => ({ cpu: Math.floor(random() * 3) })) });
  return clean({
    text: maybe(word),
    count: maybe(() => Math.floor(random() * 3)),
    labels: maybe(map),
    selector: maybe(map),
    whole: maybe(() => ({ a: word() })),
    part: maybe(() => clean({ a: maybe(word), b: maybe(word), deep: maybe(() => clean({ c: maybe(word) })) })),
    words: maybe(() => [word(), word()]),
    tags: maybe(() => some(['s', 't', 'u'])),
    items: maybe(() => some(['one', 'two', 'three']).map((name) => ({ name, ...body() }))),
    ports: maybe(() => some([80, 443]).map((port) => ({ port, ...(random() < 0.5 ? { protocol: 'UDP' } : {}), ...body() }))),
    free: maybe(() => free(2)),
  });
}

function clean(fields: Record<string, unknown>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

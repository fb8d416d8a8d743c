interface Interval {
  readonly first: number;
  readonly last: number;
}

/** How many indexes a text such as `0,2-4` names; they have to rise, and to be below `completions` (`validateIndexesFormat`). */
export function countIndexes(text: string, completions: number): { readonly total: number; readonly error?: string } {
  let total = 0;
  let last: number | undefined;
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return { total: 0, error: interval };
    if (last !== undefined && last >= interval.first) return { total: 0, error: `non-increasing order, previous: ${last}, current: ${interval.first}` };
    total += interval.last - interval.first + 1;
    last = interval.last;
  }
  return { total };
}

/** The first index that both texts name, intervals that cannot be read aside (`validateFailedIndexesNotOverlapCompleted`). */
export function firstCommonIndex(left: string, right: string, completions: number): number | undefined {
  const [ours, theirs] = [left, right].map((text) => text.split(',').flatMap((part) => {
    const interval = part === '' ? '' : parseInterval(part, completions);
    return typeof interval === 'string' ? [] : [interval];
  })) as [Interval[], Interval[]];
  for (let [at, other] = [0, 0]; at < ours.length && other < theirs.length; ) {
    const [a, b] = [ours[at]!, theirs[other]!];
    if (a.first <= b.last && b.first <= a.last) return Math.max(a.first, b.first);
    if (a.first <= b.first) at += 1;
    else other += 1;
  }
  return undefined;
}

/** The interval, or what is wrong with the text. */
function parseInterval(text: string, completions: number): Interval | string {
  const limits = text.split('-');
  if (limits.length > 2) return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  for (const limit of limits) {
    if (!/^\+?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`;
  }
  const [first = 0, last = first] = limits.map(Number);
  return limits.length > 1 && first >= last ? `non-increasing order, previous: ${first}, current: ${last}` : { first, last };
}

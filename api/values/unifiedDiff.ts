const CONTEXT = 3;
/** Above this many lines, only the beginnings and the ends are compared: finding what is alike takes time that grows with their square. */
const MAX_LINES = 2000;
/** Pairs of lines that are looked at for anchors, tens of milliseconds' work; what is left then stands as changed. */
const MAX_PAIRS = 1_000_000;
/** From this length on, lines that occur often are no anchors. */
const POPULAR_FROM = 200;

/** A run of equal lines: where it begins in each text. */
interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** Lines of the first text from `a` to `aEnd` against those of the second from `b` to `bEnd`. */
interface Step {
  readonly equal: boolean;
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

/** The differences of two lists of lines in unified form with three lines of context, by the algorithm of Python's `difflib`, which Kubernetes takes (`diff.Diff`); without names of files. */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const text: string[] = [];
  for (const group of grouped(stepsOf(matchingBlocks(before, after), before.length, after.length))) {
    const [first, last] = [group[0]!, group.at(-1)!];
    text.push(`@@ -${range(first.a, last.aEnd)} +${range(first.b, last.bEnd)} @@\n`);
    for (const { equal, a, aEnd, b, bEnd } of group) {
      for (let line = a; line < aEnd; line++) text.push(`${equal ? ' ' : '-'}${before[line]}\n`);
      if (equal) continue;
      for (let line = b; line < bEnd; line++) text.push(`+${after[line]}\n`);
    }
  }
  return text.join('');
}

function range(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

function matchingBlocks(before: readonly string[], after: readonly string[]): Block[] {
  if (Math.max(before.length, after.length) > MAX_LINES) return endsInCommon(before, after);
  const places = placesOf(after);
  const blocks: Block[] = [];
  const effort = { left: MAX_PAIRS };
  const visit = (a: number, aEnd: number, b: number, bEnd: number): void => {
    if (effort.left <= 0) return;
    const match = longestMatch(before, after, places, { equal: true, a, aEnd, b, bEnd }, effort);
    if (match.size === 0) return;
    if (a < match.a && b < match.b) visit(a, match.a, b, match.b);
    blocks.push(match);
    if (match.a + match.size < aEnd && match.b + match.size < bEnd) visit(match.a + match.size, aEnd, match.b + match.size, bEnd);
  };
  visit(0, before.length, 0, after.length);
  return joined(blocks);
}

function endsInCommon(before: readonly string[], after: readonly string[]): Block[] {
  const shortest = Math.min(before.length, after.length);
  let front = 0;
  while (front < shortest && before[front] === after[front]) front++;
  let back = 0;
  while (back < shortest - front && before[before.length - 1 - back] === after[after.length - 1 - back]) back++;
  return [{ a: 0, b: 0, size: front }, { a: before.length - back, b: after.length - back, size: back }].filter(({ size }) => size > 0);
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known) known.push(index);
    else places.set(line, [index]);
  }
  const most = Math.floor(lines.length / 100) + 1;
  if (lines.length >= POPULAR_FROM) for (const [line, indices] of places) if (indices.length > most) places.delete(line);
  return places;
}

/** The longest run that both have within the bounds, the earliest of several. */
function longestMatch(before: readonly string[], after: readonly string[], places: ReadonlyMap<string, readonly number[]>, { a: low, aEnd, b: bLow, bEnd }: Step, effort: { left: number }): Block {
  let best: Block = { a: low, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = low; i < aEnd; i++) {
    const next = new Map<number, number>();
    const same = places.get(before[i]!) ?? [];
    effort.left -= same.length + 1;
    for (const j of same) {
      if (j < bLow) continue;
      if (j >= bEnd) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  let { a, b, size } = best;
  while (a > low && b > bLow && before[a - 1] === after[b - 1]) [a, b, size] = [a - 1, b - 1, size + 1];
  while (a + size < aEnd && b + size < bEnd && before[a + size] === after[b + size]) size++;
  return { a, b, size };
}

function joined(blocks: readonly Block[]): Block[] {
  const result: Block[] = [];
  for (const block of blocks) {
    const last = result.at(-1);
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) result[result.length - 1] = { ...last, size: last.size + block.size };
    else result.push(block);
  }
  return result;
}

function stepsOf(blocks: readonly Block[], aLength: number, bLength: number): Step[] {
  const steps: Step[] = [];
  let [a, b] = [0, 0];
  for (const block of [...blocks, { a: aLength, b: bLength, size: 0 }]) {
    if (a < block.a || b < block.b) steps.push({ equal: false, a, aEnd: block.a, b, bEnd: block.b });
    [a, b] = [block.a + block.size, block.b + block.size];
    if (block.size > 0) steps.push({ equal: true, a: block.a, aEnd: a, b: block.b, bEnd: b });
  }
  return steps;
}

/** The steps with no more equal lines than the context, cut where they are far apart. */
function grouped(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  let group: Step[] = [];
  for (const [index, step] of steps.entries()) {
    if (!step.equal) {
      group.push(step);
      continue;
    }
    const [isFirst, isLast] = [index === 0, index === steps.length - 1];
    const tail = { ...step, aEnd: Math.min(step.aEnd, step.a + CONTEXT), bEnd: Math.min(step.bEnd, step.b + CONTEXT) };
    const head = { ...step, a: Math.max(step.a, step.aEnd - CONTEXT), b: Math.max(step.b, step.bEnd - CONTEXT) };
    if (isFirst) {
      group.push(head);
    } else if (isLast) {
      group.push(tail);
    } else if (step.aEnd - step.a > 2 * CONTEXT) {
      groups.push([...group, tail]);
      group = [head];
    } else {
      group.push(step);
    }
  }
  return group.some(({ equal }) => !equal) ? [...groups, group] : groups;
}

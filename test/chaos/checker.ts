import type { History, ReadRecord, StateRecord, WatchRecord, WriteRecord } from './history.ts';

/**
 * Proves of a history that nothing was lost, invented, doubled or reordered; gives what contradicts that, in words. Pure.
 * 1. The final state is one that the writes allow: an acknowledged one is there unless a later one followed, a refused one is not, an unknown one may be.
 * 2. No attempt took effect twice, and nothing is there that nobody wrote.
 * 3. resourceVersions only grow: over the acknowledged writes in time, over reads, within each watch, over its breaks too.
 * 4. A read shows every write that was acknowledged before it began.
 * 5. A watcher was told of every change between its list and its last word.
 */
export function check(history: History): string[] {
  const attempts = new Map(history.writes.flatMap((write) => (write.value === undefined ? [] : [[write.value, write]])));
  const changes = knownChanges(history);
  return [
    ...finalState(history),
    ...authorship(history, attempts),
    ...growth(history.writes),
    ...reads(history),
    ...history.watches.flatMap((watch) => watched(watch, changes, history.final)),
  ];
}

/** The changes that somebody has seen or been told of: by resourceVersion, what it made of which object. */
function knownChanges({ writes, watches }: History): ReadonlyMap<number, { readonly name: string; readonly value: string | undefined }> {
  const known = new Map<number, { name: string; value: string | undefined }>();
  for (const { outcome, resourceVersion, name, value } of writes) if (outcome === 'acknowledged' && resourceVersion !== undefined) known.set(resourceVersion, { name, value });
  for (const { items } of watches) {
    for (const item of items) if (item.kind === 'event') known.set(item.resourceVersion, { name: item.name, value: item.type === 'DELETED' ? undefined : item.value });
  }
  return known;
}

const byName = (writes: readonly WriteRecord[]): Map<string, WriteRecord[]> => Map.groupBy(writes, ({ name }) => name);

/** What an object may be after its attempts so far: a value, or undefined where it is absent. */
export function possibleStates(attempts: readonly WriteRecord[]): ReadonlySet<string | undefined> {
  let states = new Set<string | undefined>([undefined]);
  const late: (string | undefined)[] = [];
  for (const { outcome, value, creates } of attempts) {
    // A server that stood still creates what it was asked for before, if it is absent again by then.
    if (outcome === 'unknown' && creates) late.push(value);
    if (outcome === 'acknowledged') states = new Set(value === undefined ? [value, ...late] : [value]);
    else if (outcome === 'unknown') states.add(value);
  }
  return states;
}

function finalState({ writes, final }: History): string[] {
  return [...byName(writes)].flatMap(([name, attempts]) => {
    const states = possibleStates(attempts);
    const value = final.objects[name]?.value;
    return states.has(value) ? [] : [`${name} is ${shown(value)} at the end, and can only be ${[...states].map(shown).join(' or ')}`];
  });
}

/** Every value that was seen is somebody's, not of a refused attempt, and has one resourceVersion. */
function authorship({ final, reads, watches }: History, attempts: ReadonlyMap<string, WriteRecord>): string[] {
  const versions = new Map<string, Set<number>>();
  const saw = (value: string, resourceVersion: number): void => void versions.set(value, (versions.get(value) ?? new Set()).add(resourceVersion));
  for (const state of [final, ...reads, ...watches.flatMap(({ items }) => items.filter((item) => item.kind === 'list'))]) {
    for (const { value, resourceVersion } of Object.values(state.objects)) saw(value, resourceVersion);
  }
  for (const { items } of watches) for (const item of items) if (item.kind === 'event' && item.type !== 'DELETED') saw(item.value, item.resourceVersion);
  return [...versions].flatMap(([value, seen]) => {
    const attempt = attempts.get(value);
    if (!attempt) return [`${value} was seen, and nobody wrote it`];
    const problems = seen.size > 1 ? [`${value} was written ${seen.size} times: at ${[...seen].join(', ')}`] : [];
    if (attempt.outcome === 'refused') problems.push(`${value} was refused, and yet seen`);
    if (attempt.resourceVersion !== undefined && !seen.has(attempt.resourceVersion)) problems.push(`${value} was acknowledged at ${attempt.resourceVersion}, and seen at ${[...seen].join(', ')}`);
    return problems;
  });
}

/** A write that began after another one was acknowledged has the larger resourceVersion. */
function growth(writes: readonly WriteRecord[]): string[] {
  const acknowledged = writes.flatMap(({ began, ended, resourceVersion, name }) => (resourceVersion === undefined ? [] : [{ began, ended, resourceVersion, name }]));
  return backward(acknowledged.map((write) => ({ ...write, what: `the write of ${write.name}` })), true);
}

interface Dated {
  readonly began: number;
  readonly ended: number;
  readonly resourceVersion: number;
  readonly what: string;
}

/** Those whose resourceVersion is smaller than (or, where `strictly`, the same as) that of one which had ended before they began. */
function backward(list: readonly Dated[], strictly: boolean): string[] {
  const ends = list.toSorted((a, b) => a.ended - b.ended);
  let at = 0;
  let newest = -1;
  return list.toSorted((a, b) => a.began - b.began).flatMap(({ began, resourceVersion, what }) => {
    for (; at < ends.length && ends[at]!.ended < began; at += 1) newest = Math.max(newest, ends[at]!.resourceVersion);
    return resourceVersion < newest || (strictly && resourceVersion === newest) ? [`${what} has resourceVersion ${resourceVersion}, after ${newest} had been given out`] : [];
  });
}

function reads({ reads: all, writes }: History): string[] {
  const problems = backward(all.map((read) => ({ ...read, what: 'a read' })), false);
  const objects = byName(writes);
  for (const read of all) for (const [name, attempts] of objects) problems.push(...stale(read, name, attempts));
  return problems;
}

/** A read shows an object as it was at some moment between the read's begin and end. */
function stale(read: ReadRecord, name: string, attempts: readonly WriteRecord[]): string[] {
  const before = attempts.filter(({ ended }) => ended < read.began);
  const during = attempts.filter(({ began, ended }) => ended >= read.began && began <= read.ended);
  const allowed = new Set([...possibleStates(before), ...during.filter(({ outcome }) => outcome !== 'refused').map(({ value }) => value)]);
  // An attempt of unknown outcome may take effect late.
  for (const { outcome, value } of before) if (outcome === 'unknown') allowed.add(value);
  const value = read.objects[name]?.value;
  return allowed.has(value) ? [] : [`a read at ${read.resourceVersion} shows ${name} as ${shown(value)}, which can only be ${[...allowed].map(shown).join(' or ')}`];
}

function watched({ watcher, items }: WatchRecord, changes: ReadonlyMap<number, { readonly name: string; readonly value: string | undefined }>, final: StateRecord): string[] {
  const problems: string[] = [];
  const say = (what: string): void => void problems.push(`watcher ${watcher}: ${what}`);
  const sorted = [...changes.keys()].toSorted((a, b) => a - b);
  let state = new Map<string, string>();
  let clock = -1;
  for (const item of items) {
    if (item.kind === 'list') {
      if (item.resourceVersion < clock) say(`a list at ${item.resourceVersion} after ${clock}`);
      // What happened between the break and the list is in the list.
      state = new Map(Object.entries(item.objects).map(([name, { value }]) => [name, value]));
      clock = item.resourceVersion;
      continue;
    }
    const missed = sorted.filter((version) => version > clock && version < item.resourceVersion);
    if (missed.length > 0) say(`was not told of ${missed.map((version) => `${changes.get(version)!.name} at ${version}`).join(', ')}`);
    if (item.kind === 'bookmark') {
      if (item.resourceVersion < clock) say(`a bookmark at ${item.resourceVersion} after ${clock}`);
      if (changes.has(item.resourceVersion) && item.resourceVersion > clock) say(`was not told of ${changes.get(item.resourceVersion)!.name} at ${item.resourceVersion}`);
      clock = Math.max(clock, item.resourceVersion);
      continue;
    }
    const { type, name, value, resourceVersion } = item;
    if (resourceVersion <= clock) say(`${name} at ${resourceVersion} after ${clock}: doubled or out of order`);
    if ((type === 'ADDED') === state.has(name)) say(`${name} at ${resourceVersion} is ${type}, and ${state.has(name) ? 'was there already' : 'was not there'}`);
    if (type === 'DELETED') state.delete(name);
    else state.set(name, value);
    clock = Math.max(clock, resourceVersion);
  }
  const left = sorted.filter((version) => version > clock && version <= final.resourceVersion);
  if (left.length > 0) say(`was not told of the last changes: ${left.map((version) => `${changes.get(version)!.name} at ${version}`).join(', ')}`);
  const wrong = [...new Set([...state.keys(), ...Object.keys(final.objects)])].filter((name) => state.get(name) !== final.objects[name]?.value);
  if (wrong.length > 0) say(`believes of ${wrong.join(', ')} what is not so at the end`);
  return problems;
}

const shown = (value: string | undefined): string => value ?? 'absent';

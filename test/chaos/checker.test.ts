import { check } from './checker.ts';
import type { History, WatchItem, WriteRecord } from './history.ts';

const write = (name: string, value: string | undefined, at: number, rest: Partial<WriteRecord> = {}): WriteRecord => ({ writer: 'w', name, value, began: at, ended: at + 1, outcome: 'acknowledged', resourceVersion: at * 10, ...rest });
const unknown = { outcome: 'unknown', resourceVersion: undefined } as unknown as Partial<WriteRecord>;
const refused = { outcome: 'refused', resourceVersion: undefined } as unknown as Partial<WriteRecord>;
const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, value: string, resourceVersion: number): WatchItem => ({ kind: 'event', type, name, value, resourceVersion });
const empty: WatchItem = { kind: 'list', resourceVersion: 1, objects: {} };

/** a is created and changed, b created and deleted. */
const good: History = {
  writes: [write('a', 'a1', 2), write('b', 'b1', 4), write('a', 'a2', 6), write('b', undefined, 8)],
  reads: [
    { began: 3.5, ended: 3.6, resourceVersion: 20, objects: { a: { value: 'a1', resourceVersion: 20 } } },
    { began: 10, ended: 11, resourceVersion: 80, objects: { a: { value: 'a2', resourceVersion: 60 } } },
  ],
  watches: [{ watcher: 'x', items: [empty, event('ADDED', 'a', 'a1', 20), event('ADDED', 'b', 'b1', 40), event('MODIFIED', 'a', 'a2', 60), event('DELETED', 'b', 'b1', 80)] }],
  final: { resourceVersion: 80, objects: { a: { value: 'a2', resourceVersion: 60 } } },
};
const watching = (...items: WatchItem[]): History => ({ ...good, watches: [{ watcher: 'x', items: [empty, ...items] }] });
const events = good.watches[0]!.items.slice(1);

test('a history in which all went well', () => expect(check(good)).toEqual([]));

test.each<[string, History, RegExp]>([
  ['an acknowledged write is lost', { ...good, final: { resourceVersion: 80, objects: { a: { value: 'a1', resourceVersion: 20 } } } }, /^a is a1 at the end, and can only be a2/],
  ['a deleted object is back', { ...good, final: { resourceVersion: 80, objects: { ...good.final.objects, b: { value: 'b1', resourceVersion: 40 } } } }, /^b is b1 at the end, and can only be absent/],
  ['a refused write took effect', { ...good, writes: [...good.writes, write('a', 'a3', 12, refused)], final: { resourceVersion: 130, objects: { a: { value: 'a3', resourceVersion: 130 } } } }, /a3 was refused, and yet seen/],
  ['an attempt took effect twice', watching(...events, event('MODIFIED', 'a', 'a2', 90)), /a2 was written 2 times/],
  ['something nobody wrote', watching(...events, event('ADDED', 'c', 'c1', 90)), /c1 was seen, and nobody wrote it/],
  ['resourceVersions go back over writes', { ...good, writes: [...good.writes, write('c', 'c1', 20, { resourceVersion: 50 })], final: { ...good.final, objects: { ...good.final.objects, c: { value: 'c1', resourceVersion: 50 } } } }, /the write of c has resourceVersion 50, after 80/],
  ['a read goes back', { ...good, reads: [...good.reads, { began: 12, ended: 13, resourceVersion: 60, objects: { a: { value: 'a2', resourceVersion: 60 } } }] }, /a read has resourceVersion 60, after 80/],
  ['a read is stale', { ...good, reads: [{ began: 10, ended: 11, resourceVersion: 80, objects: { a: { value: 'a1', resourceVersion: 20 } } }] }, /a read at 80 shows a as a1/],
  ['an event is missed', watching(events[0]!, events[2]!, events[3]!), /was not told of b at 40/],
  ['the last event is missed', watching(...events.slice(0, 3)), /was not told of the last changes: b at 80/],
  ['an event is missed before a bookmark', watching(events[0]!, { kind: 'bookmark', resourceVersion: 50 }, events[2]!, events[3]!), /was not told of b at 40/],
  ['an event is doubled', watching(events[0]!, events[0]!, ...events.slice(1)), /doubled or out of order/],
  ['events are reordered', watching(events[1]!, events[0]!, events[2]!, events[3]!), /doubled or out of order/],
  ['an object is added twice', watching(events[0]!, events[1]!, event('ADDED', 'a', 'a2', 60), events[3]!), /a at 60 is ADDED, and was there already/],
])('%s: it is found', (_, history, problem) => expect(check(history).join('\n')).toMatch(problem));

test('an attempt without an answer may have taken effect or not, but its successor settles it', () => {
  const lost = write('a', 'a3', 12, unknown);
  expect(check({ ...good, writes: [...good.writes, lost] })).toEqual([]);
  const took: History = { ...good, writes: [...good.writes, lost], watches: [{ watcher: 'x', items: [empty, ...events, event('MODIFIED', 'a', 'a3', 125)] }], final: { resourceVersion: 125, objects: { a: { value: 'a3', resourceVersion: 125 } } } };
  expect(check(took)).toEqual([]);
  expect(check({ ...took, writes: [...took.writes, write('a', 'a4', 14)] }).join('\n')).toMatch(/a is a3 at the end, and can only be a4/);
});

test('a watcher that is told 410 lists again: what the list shows it need not be told', () => {
  expect(check(watching(events[0]!, { kind: 'list', ...good.final }))).toEqual([]);
  expect(check(watching(events[0]!, { kind: 'list', resourceVersion: 10, objects: {} }, ...events)).join('\n')).toMatch(/a list at 10 after 20/);
});

test('an attempt to create without an answer may take effect when the object has been deleted since; an attempt to change may not', () => {
  const since = [write('a', 'a3', 14), write('a', undefined, 16)];
  const late = (creates: boolean): string[] => {
    const lost = write('a', 'lost', 12, { ...unknown, creates });
    const items = [empty, ...events, event('MODIFIED', 'a', 'a3', 140), event('DELETED', 'a', 'a3', 160), event('ADDED', 'a', 'lost', 170)];
    return check({ ...good, writes: [...good.writes, lost, ...since], watches: [{ watcher: 'x', items }], final: { resourceVersion: 170, objects: { a: { value: 'lost', resourceVersion: 170 } } } });
  };
  expect(late(true)).toEqual([]);
  expect(late(false)).toEqual(['a is lost at the end, and can only be absent']);
});

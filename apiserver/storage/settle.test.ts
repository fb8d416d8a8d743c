import { chooseWitness, isGuarded, isLateProof, judge, type Witness } from './settle.ts';

const mine = Buffer.from('mine');
const theirs = Buffer.from('theirs');
const kv = (value: Buffer, createRevision: number, modRevision: number) => ({ key: 'k', value, createRevision, modRevision });
const put: Witness = { key: 'k', value: mine, checked: 5 };
const remove: Witness = { key: 'k', value: undefined, checked: 5 };

describe('a put whose answer was lost', () => {
  test('happened when its value is there with a later revision', () => expect(judge(put, kv(mine, 1, 9), 20)).toEqual({ kind: 'applied', revision: 9 }));
  test('did not happen while the key is as it was, even with the same value', () => expect(judge(put, kv(mine, 1, 5), 20)).toEqual({ kind: 'unapplied' }));
  test('may be hidden by a later write', () => expect(judge(put, kv(theirs, 1, 9), 20)).toEqual({ kind: 'older', asOf: 8 }));
  test('did not happen when another created the key', () => expect(judge({ ...put, checked: 0 }, kv(theirs, 9, 9), 20)).toEqual({ kind: 'unapplied' }));
  test('is not seen when the key is gone', () => expect(judge(put, undefined, 20)).toEqual({ kind: 'unapplied' }));
});

describe('a delete whose answer was lost', () => {
  test('happened when the key is gone', () => expect(judge(remove, undefined, 20)).toEqual({ kind: 'applied', revision: 20 }));
  test('happened when the key was created anew', () => expect(judge(remove, kv(theirs, 9, 9), 20)).toEqual({ kind: 'applied', revision: 8 }));
  test('did not happen while the key is there', () => expect(judge(remove, kv(theirs, 1, 9), 20)).toEqual({ kind: 'unapplied' }));
});

test('the witness is a put that was compared, if there is one', () => {
  const checks = [{ key: 'b', revision: 3 }];
  const writes = [{ key: 'a', value: mine }, { key: 'b', value: mine }, { key: 'c', value: undefined }];
  expect(chooseWitness(checks, writes)).toEqual({ key: 'b', value: mine, checked: 3 });
  expect(chooseWitness(checks, [])).toBeUndefined();
});

test('a transaction may be sent again only if it changes what it compares', () => {
  expect(isGuarded([{ key: 'a', revision: 1 }], [{ key: 'a' }])).toBe(true);
  expect(isGuarded([{ key: 'a', revision: 1 }], [{ key: 'b' }])).toBe(false);
});

test('a creation that arrives late would happen again once the key is gone; a change of a revision would not', () => {
  expect(isLateProof([{ key: 'a', revision: 0 }], [{ key: 'a' }])).toBe(false);
  expect(isLateProof([{ key: 'a', revision: 7 }], [{ key: 'a' }])).toBe(true);
  expect(isLateProof([{ key: 'a', revision: 0 }, { key: 'b', revision: 7 }], [{ key: 'a' }])).toBe(false);
  expect(isLateProof([{ key: 'a', revision: 0 }, { key: 'b', revision: 7 }], [{ key: 'a' }, { key: 'b' }])).toBe(true);
});

import type { KeyValue } from './etcdMessages.ts';
import type { Check } from './types.ts';

/** One effect of a transaction by which one can tell afterwards whether it happened; a transaction happens as a whole. */
export interface Witness {
  readonly key: string;
  /** The value that was to be put; undefined: the key was to be deleted. */
  readonly value: Buffer | undefined;
  /** The revision that the transaction compared the key with; undefined: it did not. */
  readonly checked: number | undefined;
}

/** What is known after one look at the witness: `older` asks for the state just before the revision that was seen. */
export type Verdict = { readonly kind: 'applied'; readonly revision: number } | { readonly kind: 'unapplied' } | { readonly kind: 'older'; readonly asOf: number };

/** The write of a transaction that tells most: a put (its value bears a uid or a time), and one whose key was compared. */
export function chooseWitness(checks: readonly Check[], writes: readonly { readonly key: string; readonly value: Buffer | undefined }[]): Witness | undefined {
  const witnesses = writes.map(({ key, value }) => ({ key, value, checked: checks.find((check) => check.key === key)?.revision }));
  const weight = (witness: Witness): number => (witness.value ? 2 : 0) + (witness.checked !== undefined ? 1 : 0);
  return witnesses.toSorted((a, b) => weight(b) - weight(a))[0];
}

/** Whether sending a transaction twice applies it at most once: a key that it compares is one that it changes. */
export function isGuarded(checks: readonly Check[], writes: readonly { readonly key: string }[]): boolean {
  return writes.some((write) => checks.some((check) => check.key === write.key));
}

/** Whether a sending that arrives late, when another one was applied long ago, changes nothing: no revision comes again, but a key may be absent again. */
export function isLateProof(checks: readonly Check[], writes: readonly { readonly key: string }[]): boolean {
  return writes.some((write) => checks.some((check) => check.key === write.key && check.revision > 0));
}

/** Decides from the witness' key as it was at `revision` (undefined: it did not exist) whether the transaction happened. */
export function judge(witness: Witness, kv: KeyValue | undefined, revision: number): Verdict {
  const { value, checked } = witness;
  if (!value) {
    const gone = !kv || (checked !== undefined && kv.createRevision > checked);
    return gone ? { kind: 'applied', revision: kv ? kv.createRevision - 1 : revision } : { kind: 'unapplied' };
  }
  if (!kv || (checked !== undefined && kv.modRevision <= checked)) return { kind: 'unapplied' };
  if (kv.value.equals(value)) return { kind: 'applied', revision: kv.modRevision };
  // Somebody wrote after the comparison; perhaps after us.
  if (checked === undefined || kv.createRevision === kv.modRevision) return { kind: 'unapplied' };
  return { kind: 'older', asOf: kv.modRevision - 1 };
}

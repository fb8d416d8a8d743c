import type { CodePointSet } from './codePointSet.ts';

/** What has to be so at a place of the text, as bits: `^` and `$` of lines, `\A`, `\z`, `\b`, `\B`. */
export const LINE_START = 1;
export const LINE_END = 2;
export const TEXT_START = 4;
export const TEXT_END = 8;
export const BOUNDARY = 16;
export const NO_BOUNDARY = 32;

/** A pattern's parts. `height` is that of the tree below, as Go counts it. */
export type Node =
  | { readonly kind: 'empty'; readonly height: number }
  | { readonly kind: 'one'; readonly set: CodePointSet; readonly height: number }
  | { readonly kind: 'assertion'; readonly assertion: number; readonly height: number }
  /** `max` is infinite in `*`, `+` and `{n,}`. */
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number; readonly greedy: boolean; readonly height: number }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[]; readonly height: number };

export const EMPTY: Node = { kind: 'empty', height: 1 };

/** Parts one after the other, or instead of each other. */
export function joined(kind: 'sequence' | 'choice', parts: readonly Node[]): Node {
  if (parts.length === 0) return EMPTY;
  return parts.length === 1 ? parts[0]! : { kind, parts, height: 1 + parts.reduce((most, { height }) => Math.max(most, height), 0) };
}

/** Whether a part matches the empty text somewhere. */
export function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'one':
      return false;
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.part);
    case 'sequence':
      return node.parts.every(canBeEmpty);
    case 'choice':
      return node.parts.some(canBeEmpty);
    default:
      return true;
  }
}

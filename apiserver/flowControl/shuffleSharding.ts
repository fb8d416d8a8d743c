import { createHash } from 'node:crypto';

/**
 * The queues of a flow, which is told by its FlowSchema and what tells that one's flows apart: `handSize` different ones of `queues`, always the same for the same flow. Two flows rarely have the whole hand in
 * common, so that one which fills its queues leaves another at least one.
 */
export function dealHand(schema: string, distinguisher: string, queues: number, handSize: number): readonly number[] {
  let hash = createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readBigUInt64LE();
  const hand: number[] = [];
  for (let dealt = 0; dealt < handSize; dealt += 1) {
    const left = BigInt(queues - dealt);
    let card = Number(hash % left);
    hash /= left;
    // The card is one of those that are left; count over those that are gone, the lowest first.
    for (const gone of hand.toSorted((a, b) => a - b)) if (card >= gone) card += 1;
    hand.push(card);
  }
  return hand;
}

/** What a priority level is configured to have, of all seats that a server has. */
export interface LevelShare {
  readonly isExempt: boolean;
  readonly shares: number;
  readonly lendablePercent: number;
  /** Undefined: as much as there is. */
  readonly borrowingLimitPercent: number | undefined;
}

/** In seats. */
export interface LevelLimits {
  readonly nominal: number;
  /** What is never lent to others. */
  readonly lower: number;
  /** What it may have with all that it borrows. */
  readonly upper: number;
}

/** The seats of each level by its share of the server's (KEP-1040). */
export function levelLimits(levels: readonly LevelShare[], seats: number): LevelLimits[] {
  const sum = levels.reduce((total, { shares }) => total + shares, 0);
  const nominal = levels.map(({ shares }) => (sum === 0 ? 0 : Math.ceil((seats * shares) / sum)));
  const total = nominal.reduce((all, each) => all + each, 0);
  return levels.map(({ lendablePercent, borrowingLimitPercent }, at) => {
    const own = nominal[at]!;
    const upper = borrowingLimitPercent === undefined ? total : own + Math.round((own * borrowingLimitPercent) / 100);
    return { nominal: own, lower: own - Math.round((own * lendablePercent) / 100), upper };
  });
}

/** What a level asks for in the next period, and what it may get. */
export interface LevelDemand {
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
}

const STEPS = 60;

/** Shares `seats` among levels: all get the same fraction of their target, within their bounds (`computeConcurrencyAllocation`). */
export function allocate(seats: number, demands: readonly LevelDemand[]): number[] {
  const at = (fraction: number): number[] => demands.map(({ lower, upper, target }) => Math.min(upper, Math.max(lower, fraction * target)));
  const sumOf = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
  const lowest = demands.map(({ lower }) => lower);
  if (sumOf(lowest) >= seats) return lowest;
  const highest = demands.map(({ upper }) => upper);
  if (sumOf(highest) <= seats) return highest;
  let low = 0;
  // What would give even the smallest target its upper bound.
  let high = Math.max(1, ...demands.map(({ upper, target }) => upper / Math.max(target, 1e-6)));
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (sumOf(at(middle)) > seats) high = middle;
    else low = middle;
  }
  return at(low).map(Math.round);
}

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
  return levels.map(({ lendablePercent, borrowingLimitPercent }, at) => {
    const own = nominal[at]!;
    const upper = own + (borrowingLimitPercent === undefined ? seats : Math.round((own * borrowingLimitPercent) / 100));
    return { nominal: own, lower: own - Math.round((own * lendablePercent) / 100), upper };
  });
}

/** What a level asks for in the next period, and what it may get. */
export interface LevelDemand {
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
}

/** One who wants nothing gets something nevertheless where there is more than enough. */
const LEAST_TARGET = 0.001;

/**
 * Shares all of `seats` among levels: each gets the same fraction of its target, within its bounds (`computeConcurrencyAllocation`).
 * Undefined where the bounds do not allow it.
 */
export function allocate(seats: number, demands: readonly LevelDemand[]): number[] | undefined {
  const items = demands.map(({ lower, upper, target }) => ({ lower, upper, target: Math.max(target, LEAST_TARGET) }));
  const at = (fraction: number): number[] => items.map(({ lower, upper, target }) => Math.max(lower, Math.min(upper, fraction * target)));
  // Between two of them, what is given grows evenly with the fraction.
  const turns = [0, ...items.flatMap(({ lower, upper, target }) => [lower / target, upper / target])].toSorted((a, b) => a - b);
  const next = turns.findIndex((turn) => sumOf(at(turn)) >= seats);
  if (next < 0 || sumOf(at(0)) > seats) return undefined;
  const from = turns[next - 1] ?? 0;
  const given = sumOf(at(from));
  const between = (from + turns[next]!) / 2;
  const growing = items.filter(({ lower, upper, target }) => lower < between * target && upper > between * target);
  return at(from + (given === seats ? 0 : (seats - given) / sumOf(growing.map(({ target }) => target))));
}

/** What levels have for the next period. */
export interface LevelNeed {
  readonly isExempt: boolean;
  readonly limits: LevelLimits;
  /** The most seats that were in use and asked for at a time, and how many it usually is. */
  readonly high: number;
  readonly smooth: number;
}

/**
 * The seats that each level has now (`updateBorrowingLocked`): the exempt ones what they use, the others what is theirs and what others lend. Undefined for one that keeps what it has, as
 * nothing can be found that everybody's bounds allow.
 */
export function currentLimits(needs: readonly LevelNeed[]): (number | undefined)[] {
  const all = sumOf(needs.map(({ limits }) => limits.nominal));
  const left = all - sumOf(needs.filter(({ isExempt }) => isExempt).map(least));
  const given = sharedAmong(needs.filter(({ isExempt }) => !isExempt), left, all).values();
  return needs.map((need) => (need.isExempt ? least(need) : given.next().value));
}

/** What a level keeps of what is its own. */
const least = ({ isExempt, limits: { lower, nominal }, high }: LevelNeed): number => Math.max(lower, isExempt ? high : Math.min(nominal, high));

/** What those have that are not exempt, where `left` of `all` seats are left by those that are; empty where nothing can be found. */
function sharedAmong(limited: readonly LevelNeed[], left: number, all: number): number[] {
  const lowest = sumOf(limited.map(({ limits }) => limits.lower));
  const wanted = sumOf(limited.map(least));
  if (left <= lowest) return limited.map(({ limits }) => limits.lower);
  if (left <= wanted) return limited.map((need) => need.limits.lower + Math.round(((least(need) - need.limits.lower) * (left - lowest)) / (wanted - lowest)));
  return allocate(all, limited.map((need) => ({ lower: least(need), upper: need.limits.upper, target: Math.max(least(need), need.smooth) })))?.map(Math.round) ?? [];
}

const sumOf = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

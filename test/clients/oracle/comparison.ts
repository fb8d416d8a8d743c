/** What came of asking Kubernetes' libraries and Gantry the same. */
export interface Comparison {
  readonly asked: number;
  /** One text for each question that was answered differently, bounded in number. */
  readonly differences: readonly string[];
}

const MOST_SHOWN = 20;
const LONGEST_SHOWN = 2_000;

/** Collects where the two differ. */
export class Differences implements Comparison {
  readonly differences: string[] = [];
  asked = 0;

  /** One question: equal answers are texts that are the same. `question` is shown where they differ. */
  compare(question: unknown, ours: string | undefined, theirs: string | undefined): void {
    this.asked += 1;
    if (ours === theirs || this.differences.length >= MOST_SHOWN) return;
    this.differences.push(`${JSON.stringify(question).slice(0, LONGEST_SHOWN)}\n  Gantry      ${ours?.slice(0, LONGEST_SHOWN)}\n  Kubernetes  ${theirs?.slice(0, LONGEST_SHOWN)}`);
  }
}

/** The answer, or the fault's message. */
export function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) return faultText(error.message);
    throw error;
  }
}

/** Of several faults, in an order of its own: Go's is another one each time. */
export function faultText(message: string): string {
  const lines = message.split('\n');
  return `error: ${lines.sort().join('\n')}`;
}

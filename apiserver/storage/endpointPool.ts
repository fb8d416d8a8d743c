/**
 * Which member of etcd is asked.
 * 1. A member that answers is kept; one that fails is left for the next.
 * 2. The members that the cluster itself tells of come first; the endpoints that were given are turned to when none of those answers.
 */
export class EndpointPool {
  readonly #seeds: readonly string[];
  #members: readonly string[] = [];
  #present: string;
  /** Failures since the last answer. */
  #failures = 0;

  /** `first` is the index of the seed to begin with. */
  constructor(seeds: readonly string[], first = 0) {
    const present = seeds[first % seeds.length];
    if (present === undefined) throw new Error('etcd needs at least one endpoint');
    this.#seeds = seeds;
    this.#present = present;
  }

  get present(): string {
    return this.#present;
  }

  /** Whether there is another one to turn to. */
  get hasOthers(): boolean {
    return this.all.length > 1;
  }

  get all(): readonly string[] {
    return [...new Set([...this.#members, ...this.#seeds])];
  }

  answered(): void {
    this.#failures = 0;
  }

  /** Leaves the present member, if that is still the one that failed. */
  failed(endpoint: string): void {
    if (endpoint !== this.#present) return;
    this.#failures += 1;
    const candidates = this.#members.length > 0 && this.#failures <= this.#members.length ? this.#members : this.all;
    this.#present = candidates[(candidates.indexOf(endpoint) + 1) % candidates.length] ?? endpoint;
  }

  /** Takes over what the cluster says of its members. A present one that is among neither them nor the seeds is no member any more. */
  learn(members: readonly string[]): void {
    if (members.length === 0) return;
    this.#members = members;
    if (!this.all.includes(this.#present)) this.#present = members[0] ?? this.#present;
  }
}

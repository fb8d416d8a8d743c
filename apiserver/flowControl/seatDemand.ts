/** How slowly what was asked for is forgotten, per period of ten seconds (`seatDemandSmoothingCoefficient`). */
const SMOOTHING = 0.977;

/** Follows how many seats a level has in use and asked for, over time. */
export class SeatDemand {
  #value = 0;
  #since: number;
  #began: number;
  #sum = 0;
  #squares = 0;
  #high = 0;
  #smooth = 0;

  /** `now` in monotonic milliseconds, as everywhere here. */
  constructor(now: number) {
    this.#since = now;
    this.#began = now;
  }

  set(value: number, now: number): void {
    this.#advance(now);
    this.#value = value;
    if (value > this.#high) this.#high = value;
  }

  /** Ends a period: the highest demand in it, and a smoothed one that rises at once and falls slowly. */
  take(now: number): { readonly high: number; readonly smooth: number } {
    this.#advance(now);
    const length = now - this.#began;
    const mean = length === 0 ? this.#value : this.#sum / length;
    const deviation = length === 0 ? 0 : Math.sqrt(Math.max(0, this.#squares / length - mean * mean));
    const envelope = mean + deviation;
    this.#smooth = Math.max(envelope, SMOOTHING * this.#smooth + (1 - SMOOTHING) * envelope);
    const high = this.#high;
    this.#high = this.#value;
    this.#sum = 0;
    this.#squares = 0;
    this.#began = now;
    return { high, smooth: this.#smooth };
  }

  #advance(now: number): void {
    const passed = now - this.#since;
    if (passed <= 0) return;
    this.#sum += this.#value * passed;
    this.#squares += this.#value * this.#value * passed;
    this.#since = now;
  }
}

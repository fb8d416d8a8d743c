import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** What every component is given besides its own configuration. */
export interface ComponentContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted to stop the component. */
  readonly signal: AbortSignal;
}

/**
 * A component that has started. Each component's `main.ts` exports `start(config, context): Promise<RunningComponent>`,
 * which resolves as soon as it serves, rejects where it cannot start, and touches no global.
 */
export interface RunningComponent {
  /** Resolves when everything has been stopped after the signal; rejects when the component fails for good. */
  readonly stopped: Promise<void>;
}

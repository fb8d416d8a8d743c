/** Why a container could not be started, as its waiting state shows it. */
export class ContainerStartError extends Error {
  readonly reason: string;
  /** When it is worth another try, in milliseconds since the epoch; undefined where the usual time will do. */
  readonly retryAt: number | undefined;

  constructor(reason: string, message: string, retryAt?: number) {
    super(message);
    this.reason = reason;
    this.retryAt = retryAt;
  }
}

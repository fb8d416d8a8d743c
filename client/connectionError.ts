/** No answer came from the API server: the address is refused, the connection was lost, TLS failed or time ran out. */
export class ConnectionError extends Error {
  /** The system's code where there is one, e.g. `ECONNREFUSED`. */
  readonly code: string | undefined;
  /** True when the request cannot have reached a server, so that even a write may be sent again. */
  readonly neverSent: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly code?: string; readonly neverSent?: boolean } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ConnectionError';
    this.code = options.code;
    this.neverSent = options.neverSent ?? false;
  }
}

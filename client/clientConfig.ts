import type { Dial } from '../process/dial.ts';

/** How to reach the API server, and as whom. Files are read again when they change; data and file of one thing exclude each other. */
export interface ClientConfig {
  /** Base URLs such as `https://192.0.2.1:6443`; on a lost connection the next one is tried. */
  readonly servers: readonly string[];
  /** A JSON array of further ones, read again whenever a server has failed. */
  readonly serversFile?: string;
  /** PEM of the authorities that may have signed the server's certificate. */
  readonly ca?: string;
  /** The name that the server's certificate must bear, where it is not the URL's host. */
  readonly tlsServerName?: string;
  readonly insecureSkipTLSVerify?: boolean;
  /** PEM. */
  readonly certificate?: string;
  readonly certificateFile?: string;
  /** PEM. */
  readonly key?: string;
  readonly keyFile?: string;
  /** A bearer token, or where to get the one that is valid now (called once per request: it must cache). */
  readonly token?: string | (() => Promise<string>);
  readonly tokenFile?: string;
  /** How the servers are reached, unless directly. */
  readonly dial?: Dial;
}

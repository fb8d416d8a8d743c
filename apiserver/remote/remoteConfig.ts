import type { Dial } from '../../process/dial.ts';

/** How to reach a webhook, as a kubeconfig says it; `client/` reads one (which this folder may not import). */
export interface RemoteConfig {
  /** The first one is called, path and all. */
  readonly servers: readonly string[];
  /** PEM. */
  readonly ca?: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTLSVerify?: boolean;
  readonly certificate?: string;
  readonly certificateFile?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly token?: string | (() => Promise<string>);
  readonly tokenFile?: string;
  /** How it is reached, unless directly. */
  readonly dial?: Dial;
}

/** Reads a kubeconfig file; throws where it cannot be used. */
export type ReadRemoteConfig = (file: string) => RemoteConfig;

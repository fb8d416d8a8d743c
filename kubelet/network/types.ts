import type { Sandbox } from '../runtime/types.ts';
import type { HostPort } from './hostPorts.ts';

/** Gives sandboxes their addresses. All calls are idempotent. */
export interface PodNetwork {
  /** Undefined when ready, else what is missing: the node is then not Ready, with this message. */
  notReady(): Promise<string | undefined>;
  /** Resolves to the sandbox's addresses, the primary one first; opens `hostPorts` on the node for it. */
  attach(sandbox: Sandbox, hostPorts?: readonly HostPort[]): Promise<readonly string[]>;
  /** Gives the sandbox's addresses back; it may be gone already. */
  detach(sandbox: Pick<Sandbox, 'id' | 'pod' | 'pid'>): Promise<void>;
  /** Of a sandbox that was attached; empty for others. */
  addresses(sandboxId: string): readonly string[];
  /** Gives back the addresses of sandboxes that exist no more. */
  collect(existingSandboxIds: ReadonlySet<string>): Promise<void>;
}

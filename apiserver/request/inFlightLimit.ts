import { tooManyRequests } from '../../api/apiError.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import type { RequestFlow, RequestLimit, Ticket } from './requestLimit.ts';

const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'head', 'options']);
const LONG_RUNNING_SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

export type RequestKind = 'readOnly' | 'mutating';

/** Watches and streams last as long as they like, and neither count as in flight nor have a deadline. */
export function isLongRunning(info: RequestInfo): boolean {
  return info.verb === 'watch' || (info.isResourceRequest && LONG_RUNNING_SUBRESOURCES.has(info.subresource));
}

export function requestKind(info: RequestInfo): RequestKind {
  return READ_VERBS.has(info.verb) ? 'readOnly' : 'mutating';
}

const UNCOUNTED: RequestFlow = { enter: () => ({ leave: () => undefined }) };

/**
 * Kubernetes' `--max-requests-inflight` and `--max-mutating-requests-inflight`: more than so many at a time are turned away with
 * a 429, save those of `system:masters`. 0 stands for no limit.
 */
export class InFlightLimit implements RequestLimit {
  readonly #limits: Readonly<Record<RequestKind, number>>;
  readonly #present: Record<RequestKind, number> = { readOnly: 0, mutating: 0 };

  constructor(limits: Readonly<Record<RequestKind, number>>) {
    this.#limits = limits;
  }

  classify(info: RequestInfo, { groups }: UserInfo): RequestFlow {
    if (isLongRunning(info)) return UNCOUNTED;
    const kind = requestKind(info);
    return {
      enter: (): Ticket => {
        this.enter(kind, groups);
        return { leave: () => this.leave(kind) };
      },
    };
  }

  present(kind: RequestKind): number {
    return this.#present[kind];
  }

  /** Counts a request in; `leave` must follow. Throws `tooManyRequests`. */
  enter(kind: RequestKind, groups: readonly string[]): void {
    const limit = this.#limits[kind];
    if (limit > 0 && this.#present[kind] >= limit && !groups.includes('system:masters')) {
      throw tooManyRequests('Too many requests, please try again later.', 1);
    }
    this.#present[kind] += 1;
  }

  leave(kind: RequestKind): void {
    this.#present[kind] -= 1;
  }
}

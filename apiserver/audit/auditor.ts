import { formatMicroTime } from '../../process/clock.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { ApiRequest, RequestInfo, UserInfo } from '../types.ts';
import type { AuditEvent } from './auditEvent.ts';
import { requestPart } from './auditEvent.ts';
import type { AuditPolicy, AuditVerdict } from './auditPolicy.ts';
import { evaluatePolicy } from './auditPolicy.ts';
import { AuditTrail } from './auditTrail.ts';
import type { AuditBackend } from './backends.ts';

/** Reads a body by its media type; undefined where it is no object that can be read. */
export type ReadObject = (body: Buffer, contentType: string | undefined) => unknown;

/** Writes down who did what, as far as the policy wants to know. */
export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #backends: readonly AuditBackend[];
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(policy: AuditPolicy, backends: readonly AuditBackend[], clock: Clock, logger: Logger) {
    this.#policy = policy;
    this.#backends = backends;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Undefined where nothing is to be written of a request. `user` is undefined where authentication failed. */
  begin(request: ApiRequest, info: RequestInfo, user: UserInfo | undefined, id: string, read: ReadObject): AuditTrail | undefined {
    const verdict = evaluatePolicy(this.#policy, info, user);
    if (verdict.level === 'None') return undefined;
    const received = formatMicroTime(this.#clock.now());
    return new AuditTrail({ id, verdict, request, part: requestPart(request, info, user), received, read, write: (event) => this.#write(event, verdict), now: () => formatMicroTime(this.#clock.now()) });
  }

  /** Resolves when all that was written is where it belongs. */
  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  /** Resolves to false where the request must not go on, since it could not be written down. */
  async #write(event: AuditEvent, { omitStages }: AuditVerdict): Promise<boolean> {
    if (omitStages.includes(event.stage)) return true;
    try {
      await Promise.all(this.#backends.map((backend) => backend.process([event])));
      return true;
    } catch (error) {
      this.#logger.error('an audit event was lost', { auditID: event.auditID, stage: event.stage, error });
      return false;
    }
  }
}

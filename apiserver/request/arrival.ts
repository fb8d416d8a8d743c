import { ApiError } from '../../api/apiError.ts';
import type { Auditor, ReadObject } from '../audit/auditor.ts';
import type { AuditTrail } from '../audit/auditTrail.ts';
import type { ApiRequest, Authenticator, RequestInfo, UserInfo } from '../types.ts';
import { authenticateRequest } from './authenticateRequest.ts';

interface ArrivalParts {
  readonly request: ApiRequest;
  /** The request's `Audit-ID`. */
  readonly id: string;
  readonly authenticator: Authenticator;
  /** Absent: nothing is written down. */
  readonly auditor: Auditor | undefined;
  readonly read: ReadObject;
  readonly warn: (message: string) => void;
}

/** A request's way in: who sent it, and what is written down of it from the moment that is known, before they act as somebody else. */
export class Arrival {
  readonly #parts: ArrivalParts;
  #trail: AuditTrail | undefined;

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** Undefined until it is known who asks, and where nothing is written down of them. */
  get trail(): AuditTrail | undefined {
    return this.#trail;
  }

  /** Whose request it is. Throws what the authenticator does, and a 500 where the arrival has to be written down and was not. */
  async user(info: RequestInfo): Promise<UserInfo> {
    const { auditor, authenticator, request, id, read, warn } = this.#parts;
    if (!auditor) return authenticateRequest(authenticator, request, { info, warn });
    const notes: (readonly [string, string])[] = [];
    const begin = (by: UserInfo | undefined): AuditTrail | undefined => {
      const trail = auditor.begin(request, info, by, id, read);
      for (const [key, value] of notes) trail?.annotate(key, value);
      return trail;
    };
    const arrived = async (by: UserInfo): Promise<void> => {
      this.#trail = begin(by);
      await this.#trail?.received();
    };
    try {
      const user = await authenticateRequest(authenticator, request, { info, warn, annotate: (key, value) => void notes.push([key, value]), acting: arrived });
      if (user.impersonator) this.#trail?.acting(user);
      else await arrived(user);
      return user;
    } catch (error) {
      if (!this.#trail && error instanceof ApiError && error.code === 401) await begin(undefined)?.unauthenticated();
      throw error;
    }
  }
}

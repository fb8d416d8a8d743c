import { ServiceAccounts } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import type { V1Pod, AuthenticationV1TokenRequest } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { messageOf } from '../errorText.ts';

/** No token is used longer than this, however long it would be good. */
const LONGEST_USE_MILLISECONDS = 24 * 3600 * 1000;

/** What a volume asks for. */
export interface TokenWish {
  /** `''` for the API server itself. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly lifeMilliseconds: number;
}

/** When a token is to be replaced: at 80 % of its life, or after a day (`token.Manager.requiresRefresh`). */
export function refreshAt({ expiresAt, lifeMilliseconds }: Omit<Token, 'value'>): number {
  return Math.min(expiresAt - lifeMilliseconds * 0.2, expiresAt - lifeMilliseconds + LONGEST_USE_MILLISECONDS);
}

/** Service account tokens that are bound to pods, got by `TokenRequest` and renewed in time. */
export class ServiceAccountTokens {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By pod uid, then by what was wished. */
  readonly #tokens = new Map<string, Map<string, Token>>();

  constructor(options: { readonly client: KubeClient; readonly clock: Clock; readonly logger: Logger }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** A token that is good for now; one that cannot be renewed is given on until it ends. */
  async token(pod: V1Pod, wish: TokenWish): Promise<string> {
    const ofPod = this.#tokens.get(pod.metadata.uid) ?? new Map<string, Token>();
    this.#tokens.set(pod.metadata.uid, ofPod);
    const key = `${wish.expirationSeconds} ${wish.audience}`;
    const known = ofPod.get(key);
    const now = this.#clock.now();
    if (known && now < refreshAt(known)) return known.value;
    try {
      const token = await this.#request(pod, wish);
      ofPod.set(key, token);
      return token.value;
    } catch (error) {
      const message = messageOf(error);
      if (!known || now >= known.expiresAt) throw new Error(`failed to fetch token: ${message}`, { cause: error });
      this.#logger.error("couldn't update token", { pod: pod.metadata.name, namespace: pod.metadata.namespace, error });
      return known.value;
    }
  }

  release(podUid: string): void {
    this.#tokens.delete(podUid);
  }

  /** When the pod's next token is to be renewed; undefined where it has none. */
  nextRefresh(podUid: string): number | undefined {
    const times = [...(this.#tokens.get(podUid)?.values() ?? [])].map(refreshAt);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  async #request(pod: V1Pod, wish: TokenWish): Promise<Token> {
    const { name, namespace, uid } = pod.metadata;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        ...(wish.audience === '' ? {} : { audiences: [wish.audience] }),
        expirationSeconds: wish.expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const account = pod.spec?.serviceAccountName || 'default';
    const answer = await this.#client.createSubresource<AuthenticationV1TokenRequest>(ServiceAccounts, account, namespace, 'token', body);
    const { token, expirationTimestamp } = answer.status ?? {};
    if (!token || !expirationTimestamp) throw new Error('the API server gave no token');
    const seconds = answer.spec?.expirationSeconds ?? wish.expirationSeconds;
    return { value: token, expiresAt: Date.parse(expirationTimestamp), lifeMilliseconds: seconds * 1000 };
  }
}

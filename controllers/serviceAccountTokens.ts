import type { AuthenticationV1TokenRequest } from '../api/generated/types.ts';
import { ServiceAccounts } from '../client/resources.ts';
import type { KubeClient } from '../client/types.ts';
import type { Clock } from '../process/clock.ts';
import { ignoreReasons } from './expectedErrors.ts';

const NAMESPACE = 'kube-system';
const LIFETIME_SECONDS = 3600;
/** A token is replaced when a fifth of its life is left. */
const RENEW_AT = 0.8;

/**
 * Tokens of the service accounts in kube-system, one per control loop, so that each loop has only its own rights
 * (Kubernetes' --use-service-account-credentials). An account that is missing is made.
 */
export class ServiceAccountTokens {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, { readonly token: Promise<string>; readonly renewAt: number }>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A token that is valid for a while; one request serves all who ask meanwhile. */
  async token(account: string): Promise<string> {
    const known = this.#tokens.get(account);
    if (known && this.#clock.monotonic() < known.renewAt) return known.token;
    const token = this.#request(account);
    this.#tokens.set(account, { token, renewAt: this.#clock.monotonic() + LIFETIME_SECONDS * 1000 * RENEW_AT });
    try {
      return await token;
    } catch (error) {
      this.#tokens.delete(account);
      throw error;
    }
  }

  async #request(account: string): Promise<string> {
    await this.#ensureAccount(account);
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [], expirationSeconds: LIFETIME_SECONDS } };
    const answer = await this.#client.createSubresource<AuthenticationV1TokenRequest>(ServiceAccounts, account, NAMESPACE, 'token', request);
    return answer.status?.token ?? '';
  }

  async #ensureAccount(account: string): Promise<void> {
    const present = await ignoreReasons(['NotFound'], () => this.#client.get(ServiceAccounts, account, NAMESPACE));
    if (present) return;
    await ignoreReasons(['AlreadyExists'], () => this.#client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: NAMESPACE } }, NAMESPACE));
  }
}

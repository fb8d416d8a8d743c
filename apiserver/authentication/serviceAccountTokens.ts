import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../api/meta.ts';
import type { Clock } from '../../process/clock.ts';
import { objectKey, type WatchCache } from '../storage/types.ts';
import type { UserInfo } from '../types.ts';
import { CREDENTIAL_ID } from './clientCertificate.ts';
import { JwtError, readClaims, signJwt, type VerificationKey, verificationKey, verifyJwt } from './jwt.ts';

/** What a token is bound to: it ends when this object does. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly bound?: BoundObject;
  /** The node that the bound pod runs on, if it does. */
  readonly node?: { readonly name: string; readonly uid: string };
}

interface NamedClaim {
  readonly name: string;
  readonly uid: string;
}

/** The private claims of a service account's token, as Kubernetes forms them. */
interface KubernetesClaim {
  readonly namespace: string;
  readonly serviceaccount: NamedClaim;
  readonly pod?: NamedClaim;
  readonly secret?: NamedClaim;
  readonly node?: NamedClaim;
}

export interface TokenSettings {
  readonly issuer: string;
  /** The audiences of the API server itself; the first is the default of new tokens. */
  readonly audiences: readonly string[];
  readonly privateKey: KeyObject;
  /** Keys of earlier times whose tokens are still good. */
  readonly furtherKeys?: readonly KeyObject[];
}

/** Kubernetes allows a deleted pod's token this much longer, in milliseconds. */
const DELETION_LEEWAY = 60_000;
const CLOCK_SKEW_SECONDS = 60;

const BOUND_RESOURCES = { pod: 'pods', secret: 'secrets', node: 'nodes' } as const;

/** What a token is bound to is not in memory, or not any more. */
export class BoundObjectError extends JwtError {}

/** Issues and checks the tokens of service accounts. A check looks in the cache: a token dies with its account and with what it is bound to. */
export class ServiceAccountTokens {
  readonly #settings: TokenSettings;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly keys: readonly VerificationKey[];

  constructor(settings: TokenSettings, cache: WatchCache, clock: Clock) {
    this.#settings = settings;
    this.#cache = cache;
    this.#clock = clock;
    this.keys = [settings.privateKey, ...(settings.furtherKeys ?? [])].map(verificationKey);
  }

  get issuer(): string {
    return this.#settings.issuer;
  }

  get audiences(): readonly string[] {
    return this.#settings.audiences;
  }

  /** Whether a token says that it is ours; others may know it. */
  claimsToBeOurs(token: string): boolean {
    return readClaims(token)?.['iss'] === this.#settings.issuer;
  }

  /** A new token, and when it ends (wall-clock milliseconds). */
  issue(subject: TokenSubject, audiences: readonly string[], lifetimeSeconds: number): { readonly token: string; readonly expiresAt: number } {
    const now = Math.floor(this.#clock.now() / 1000);
    const { namespace, name, uid, bound, node } = subject;
    const kubernetes: KubernetesClaim = {
      namespace,
      serviceaccount: { name, uid },
      ...(bound === undefined ? {} : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      ...(node === undefined ? {} : { node }),
    };
    const claims = {
      aud: audiences.length > 0 ? audiences : this.#settings.audiences.slice(0, 1),
      exp: now + lifetimeSeconds,
      iat: now,
      iss: this.#settings.issuer,
      jti: randomUUID(),
      'kubernetes.io': kubernetes,
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    return { token: signJwt(claims, this.#settings.privateKey), expiresAt: claims.exp * 1000 };
  }

  /** As `check`, but refuses for a missing object only when memory has caught up with etcd: it may have come by another API server. */
  async checkFresh(token: string, wanted?: readonly string[]): Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] }> {
    try {
      return this.check(token, wanted);
    } catch (error) {
      if (!(error instanceof BoundObjectError)) throw error;
      await this.#cache.consistent();
      return this.check(token, wanted);
    }
  }

  /** Who a token speaks for, and for which of the wanted audiences it is good. Throws a `JwtError` that says why it is not. */
  check(token: string, wanted: readonly string[] = this.#settings.audiences): { readonly user: UserInfo; readonly audiences: readonly string[] } {
    const claims = verifyJwt(token, this.keys);
    const now = this.#clock.now() / 1000;
    if (claims['iss'] !== this.#settings.issuer) throw new JwtError('the token is of another issuer');
    if (typeof claims['exp'] !== 'number' || claims['exp'] <= now) throw new JwtError('service account token has expired');
    if (typeof claims['nbf'] === 'number' && claims['nbf'] > now + CLOCK_SKEW_SECONDS) throw new JwtError('service account token is not valid yet');
    const audiences = [claims['aud']].flat().filter((each): each is string => typeof each === 'string' && wanted.includes(each));
    if (audiences.length === 0) throw new JwtError(`token audiences ${JSON.stringify(claims['aud'])} is invalid for the target audiences ${JSON.stringify(wanted)}`);
    const kubernetes = claims['kubernetes.io'] as KubernetesClaim | undefined;
    if (kubernetes?.serviceaccount === undefined) throw new JwtError('service account claims are missing');
    this.#mustLive(kubernetes);
    return { user: userOf(kubernetes, typeof claims['jti'] === 'string' ? claims['jti'] : ''), audiences };
  }

  #mustLive(claim: KubernetesClaim): void {
    const { namespace, serviceaccount } = claim;
    this.#mustBe('serviceaccounts', namespace, serviceaccount);
    for (const [kind, resource] of Object.entries(BOUND_RESOURCES)) {
      const bound = claim[kind as keyof typeof BOUND_RESOURCES];
      if (bound !== undefined && !(kind === 'node' && claim.pod !== undefined)) this.#mustBe(resource, kind === 'node' ? '' : namespace, bound);
    }
  }

  #mustBe(resource: string, namespace: string, { name, uid }: NamedClaim): void {
    const object: KubeObject | undefined = this.#cache.get(objectKey({ group: '', resource }, namespace, name))?.object;
    if (object === undefined || object.metadata.uid !== uid) throw new BoundObjectError(`service account token has been invalidated: ${resource} "${name}" is gone`);
    const deleted = object.metadata.deletionTimestamp;
    if (deleted !== undefined && Date.parse(deleted) + DELETION_LEEWAY < this.#clock.now()) throw new BoundObjectError(`service account token has been invalidated: ${resource} "${name}" has been deleted`);
  }
}

function userOf({ namespace, serviceaccount, pod, node }: KubernetesClaim, id: string): UserInfo {
  const extra: Record<string, readonly string[]> = { [CREDENTIAL_ID]: [`JTI=${id}`] };
  if (pod) Object.assign(extra, { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] });
  if (node) Object.assign(extra, { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] });
  return { name: `system:serviceaccount:${namespace}:${serviceaccount.name}`, uid: serviceaccount.uid, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`], extra };
}

import { type KeyObject, randomUUID } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';
import { type JwtAlgorithm, readClaims, signJwt, type VerificationKey, verificationKey } from '../../../process/jwt.ts';

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
  readonly node?: NodeClaim;
}

export interface NamedClaim {
  readonly name: string;
  readonly uid: string;
}

/** A node that was gone when the token was made has no uid. */
export interface NodeClaim {
  readonly name: string;
  readonly uid?: string;
}

/** The private claims of a service account's token, as Kubernetes forms them. */
export interface KubernetesClaim {
  readonly namespace: string;
  readonly serviceaccount: NamedClaim;
  readonly pod?: NamedClaim;
  readonly secret?: NamedClaim;
  readonly node?: NodeClaim;
  /** Seconds since the epoch: from then on its user should have taken a newer one. */
  readonly warnafter?: number;
}

export interface TokenSettings {
  /** `--service-account-issuer`: the first issues, tokens of the others are still good. */
  readonly issuers: readonly string[];
  /** `--api-audiences`: the API server's own; the default of new tokens. */
  readonly audiences: readonly string[];
  readonly privateKey: KeyObject;
  /** `--service-account-key-file`: keys of earlier times whose tokens are still good. */
  readonly furtherKeys?: readonly KeyObject[];
  /** `--service-account-max-token-expiration`, in seconds; undefined: no limit. */
  readonly maximumSeconds?: number;
  /** `--service-account-extend-token-expiration`; on unless told. */
  readonly extend?: boolean;
}

/** What kubelets ask for in pods: such a token lives for a year, and only its user is warned after an hour. */
const EXTENDED_REQUEST_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

export interface IssuedToken {
  readonly token: string;
  /** As audits and reviews name it: `JTI=…`. */
  readonly credential: string;
  /** When its user is told that it ends, in wall-clock milliseconds. */
  readonly expiresAt: number;
}

/** Issues the tokens of service accounts, and knows by what they are recognized. */
export class ServiceAccountTokens {
  readonly #settings: TokenSettings;
  readonly #clock: Clock;
  readonly keys: readonly (VerificationKey & { readonly algorithm: JwtAlgorithm })[];

  constructor(settings: TokenSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    const keys = [settings.privateKey, ...(settings.furtherKeys ?? [])].map(verificationKey);
    this.keys = keys.filter(({ id }, index) => keys.findIndex((each) => each.id === id) === index);
  }

  get issuers(): readonly string[] {
    return this.#settings.issuers;
  }

  get audiences(): readonly string[] {
    return this.#settings.audiences;
  }

  /** The longest life that is given, in seconds. */
  get maximumSeconds(): number | undefined {
    return this.#settings.maximumSeconds;
  }

  /** Whether a token says that one of these issued it; others may know it. */
  isOf(token: string, issuers: readonly string[]): boolean {
    const issuer = readClaims(token)?.['iss'];
    return typeof issuer === 'string' && issuers.includes(issuer);
  }

  /** A new token for these audiences; none: the API server's own. */
  issue(subject: TokenSubject, wanted: readonly string[], seconds: number): IssuedToken {
    const now = Math.floor(this.#clock.now() / 1000);
    const { namespace, name, uid, bound, node } = subject;
    const audiences = wanted.length > 0 ? wanted : this.#settings.audiences;
    const isExtended = (this.#settings.extend ?? true) && bound?.kind === 'Pod' && seconds === EXTENDED_REQUEST_SECONDS && audiences.every((each) => this.#settings.audiences.includes(each));
    const kubernetes: KubernetesClaim = {
      namespace,
      ...(node === undefined ? {} : { node }),
      ...(bound === undefined ? {} : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: { name, uid },
      ...(isExtended ? { warnafter: now + seconds } : {}),
    };
    const id = randomUUID();
    const claims = {
      aud: audiences,
      exp: now + (isExtended ? (this.#settings.maximumSeconds ?? EXTENDED_SECONDS) : seconds),
      iat: now,
      iss: this.#settings.issuers[0] ?? '',
      jti: id,
      'kubernetes.io': kubernetes,
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    return { token: signJwt(claims, this.#settings.privateKey), credential: `JTI=${id}`, expiresAt: (now + seconds) * 1000 };
  }
}

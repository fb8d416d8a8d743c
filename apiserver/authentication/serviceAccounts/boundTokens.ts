import { goStrings } from '../../../api/values/goPrint.ts';
import type { Clock } from '../../../process/clock.ts';
import { JwtError, verifyJwt } from '../../../process/jwt.ts';
import type { WatchCache } from '../../storage/types.ts';
import type { UserInfo } from '../../types.ts';
import { type TokenAuthenticator, TokenError, type TokenNotes, type TokenReviewResult } from '../bearerToken.ts';
import { CREDENTIAL_ID } from '../clientCertificate.ts';
import { accountGroups } from '../userNames.ts';
import { commonAudiences } from './audiences.ts';
import { LiveObjects, MissingError } from './liveObjects.ts';
import type { KubernetesClaim, NodeClaim, ServiceAccountTokens } from './serviceAccountTokens.ts';

/** go-jose's leeway for clocks that differ, in seconds. */
const LEEWAY_SECONDS = 60;
const INVALIDATED = 'service account token has been invalidated';
/** What a token may be bound to, and how errors call it. A pod's node may go before the pod: it is only told of. */
const BOUND = [
  { claim: 'secret', resource: 'secrets', title: 'secret', namespaced: true },
  { claim: 'pod', resource: 'pods', title: 'pod', namespaced: true },
  { claim: 'node', resource: 'nodes', title: 'node', namespaced: false },
] as const;

/** Tokens of service accounts that were issued by a TokenRequest: a token dies with its account and with what it is bound to. */
export class BoundTokenAuthenticator implements TokenAuthenticator {
  readonly #tokens: ServiceAccountTokens;
  readonly #objects: LiveObjects;
  readonly #clock: Clock;

  constructor(tokens: ServiceAccountTokens, cache: WatchCache, clock: Clock) {
    this.#tokens = tokens;
    this.#objects = new LiveObjects(cache, clock);
    this.#clock = clock;
  }

  async authenticateToken(token: string, wanted: readonly string[] = this.#tokens.audiences, notes?: TokenNotes): Promise<TokenReviewResult | undefined> {
    if (!this.#tokens.isOf(token, this.#tokens.issuers)) return undefined;
    try {
      const { stale, ...result } = await this.#objects.settled(() => this.#check(token, wanted));
      if (stale !== undefined) notes?.annotate?.('authentication.k8s.io/stale-token', stale);
      return result;
    } catch (error) {
      if (error instanceof JwtError || error instanceof MissingError) throw new TokenError(error.message);
      throw error;
    }
  }

  /** `stale`: that the token should have been replaced by now. */
  #check(token: string, wanted: readonly string[]): TokenReviewResult & { readonly stale?: string } {
    const claims = verifyJwt(token, this.#tokens.keys);
    const own = [claims['aud']].flat().filter((each): each is string => typeof each === 'string');
    const audiences = commonAudiences(own.length > 0 ? own : this.#tokens.audiences, wanted);
    if (audiences.length === 0) throw new JwtError(`token audiences ${goStrings(own)} is invalid for the target audiences ${goStrings(wanted)}`);
    this.#checkTime(claims);
    const kubernetes = claims['kubernetes.io'] as KubernetesClaim | undefined;
    if (kubernetes?.serviceaccount === undefined) throw new JwtError('service account token claims could not be validated due to unexpected private claim');
    this.#checkObjects(kubernetes);
    const late = kubernetes.warnafter ? this.#clock.now() / 1000 - kubernetes.warnafter : 0;
    return { user: userOf(kubernetes, claims['jti']), audiences, ...(late > 0 ? { stale: `subject: ${String(claims['sub'])}, seconds after warning threshold: ${Math.floor(late)}` } : {}) };
  }

  #checkTime({ exp, nbf, iat }: Readonly<Record<string, unknown>>): void {
    const now = this.#clock.now() / 1000;
    if (typeof nbf === 'number' && now + LEEWAY_SECONDS < nbf) throw new JwtError('service account token is not valid yet');
    if (typeof exp !== 'number' || now - LEEWAY_SECONDS > exp) throw new JwtError('service account token has expired');
    if (typeof iat === 'number' && now + LEEWAY_SECONDS < iat) throw new JwtError('service account token is issued in the future');
  }

  #checkObjects(claim: KubernetesClaim): void {
    const { namespace, serviceaccount } = claim;
    const uid = this.#objects.uidOf('serviceaccounts', namespace, serviceaccount.name, {
      missing: `serviceaccounts ${JSON.stringify(serviceaccount.name)} not found`,
      deleted: `service account ${namespace}/${serviceaccount.name} has been deleted`,
    });
    if (uid !== serviceaccount.uid) throw new MissingError(`service account UID (${uid}) does not match claim (${serviceaccount.uid})`);
    for (const { claim: name, resource, title, namespaced } of BOUND) {
      const bound: NodeClaim | undefined = name === 'node' && claim.pod !== undefined ? undefined : claim[name];
      if (bound === undefined) continue;
      const found = this.#objects.uidOf(resource, namespaced ? namespace : '', bound.name, { missing: INVALIDATED, deleted: INVALIDATED });
      if (found !== bound.uid) throw new MissingError(`${title} UID (${found}) does not match service account ${title} ref claim (${bound.uid})`);
    }
  }
}

function userOf({ namespace, serviceaccount, pod, node }: KubernetesClaim, id: unknown): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  if (typeof id === 'string' && id !== '') extra[CREDENTIAL_ID] = [`JTI=${id}`];
  if (pod) Object.assign(extra, { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] });
  if (node) Object.assign(extra, { 'authentication.kubernetes.io/node-name': [node.name], ...(node.uid === undefined ? {} : { 'authentication.kubernetes.io/node-uid': [node.uid] }) });
  return { name: `system:serviceaccount:${namespace}:${serviceaccount.name}`, uid: serviceaccount.uid, groups: accountGroups(namespace), extra };
}

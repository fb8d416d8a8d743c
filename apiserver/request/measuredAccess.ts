import type { Counter, Histogram } from 'prom-client';
import type { Clock } from '../../process/clock.ts';
import { exponentialBuckets, type Metrics } from '../../process/metrics.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, AuthorizationAttributes, Authorizer, Decision, UserInfo } from '../types.ts';

/** Kubernetes' buckets of both, in seconds. */
const BUCKETS = exponentialBuckets(0.001, 2, 15);
/** Names that are no person's; upstream's list. */
const KNOWN_NAMES: ReadonlySet<string> = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default']);

/** How often something came out one way, and how long it took; the children of prom-client are looked up once. */
class Outcomes<Result extends string> {
  readonly #counter: Counter<'result'>;
  readonly #histogram: Histogram<'result'>;
  readonly #clock: Clock;
  readonly #children = new Map<Result, { inc(): void; observe(seconds: number): void }>();

  constructor(counter: Counter<'result'>, histogram: Histogram<'result'>, clock: Clock) {
    this.#counter = counter;
    this.#histogram = histogram;
    this.#clock = clock;
  }

  /** `began` as of the monotonic clock. */
  note(result: Result, began: number): void {
    let child = this.#children.get(result);
    if (!child) {
      const [counter, histogram] = [this.#counter.labels({ result }), this.#histogram.labels({ result })];
      child = { inc: () => counter.inc(), observe: (seconds) => histogram.observe(seconds) };
      this.#children.set(result, child);
    }
    child.inc();
    child.observe((this.#clock.monotonic() - began) / 1000);
  }
}

/** Users are as many as there are; their names would fill memory. */
const shownName = (name: string): string => (KNOWN_NAMES.has(name) ? name : name.includes('@') ? 'email_id' : 'other');

/** An authenticator that counts, as Kubernetes does, how often it knew who asked. */
export function measuredAuthenticator(authenticator: Authenticator, metrics: Metrics, clock: Clock): Authenticator {
  const users = metrics.counter('authenticated_user_requests', 'Counter of authenticated requests broken out by username.', ['username']);
  const outcomes = new Outcomes<'success' | 'failure' | 'error'>(
    metrics.counter('authentication_attempts', 'Counter of authenticated attempts.', ['result']),
    metrics.histogram('authentication_duration_seconds', 'Authentication duration in seconds broken out by result.', ['result'], BUCKETS),
    clock,
  );
  const children = new Map<string, ReturnType<typeof users.labels>>();
  const known = (username: string): ReturnType<typeof users.labels> => {
    let child = children.get(username);
    if (!child) children.set(username, (child = users.labels({ username })));
    return child;
  };
  return {
    async authenticate(request: ApiRequest, call: AuthenticationCall): Promise<UserInfo | undefined> {
      const began = clock.monotonic();
      try {
        const user = await authenticator.authenticate(request, call);
        outcomes.note('success', began);
        known(shownName(user?.name ?? '')).inc();
        return user;
      } catch (error) {
        // Who shows nothing fails; what is shown and does not hold is an error.
        const isBare = request.headers['authorization'] === undefined && request.clientCertificateError === undefined;
        outcomes.note(isBare ? 'failure' : 'error', began);
        throw error;
      }
    },
  };
}

/** An authorizer that counts what it decides. */
export function measuredAuthorizer(authorizer: Authorizer, metrics: Metrics, clock: Clock): Authorizer {
  const outcomes = new Outcomes<'allowed' | 'denied' | 'no-opinion' | 'error'>(
    metrics.counter('authorization_attempts_total', "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.", ['result']),
    metrics.histogram('authorization_duration_seconds', 'Authorization duration in seconds broken out by result.', ['result'], BUCKETS),
    clock,
  );
  const note = (decision: Decision, began: number): Decision => {
    outcomes.note(decision.allowed ? 'allowed' : decision.error !== undefined ? 'error' : decision.denied ? 'denied' : 'no-opinion', began);
    return decision;
  };
  return {
    authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
      const began = clock.monotonic();
      const decision = authorizer.authorize(attributes);
      return decision instanceof Promise ? decision.then((each) => note(each, began)) : note(decision, began);
    },
  };
}

import { FakeClock } from '../../process/fakeClock.ts';
import { Metrics } from '../../process/metrics.ts';
import type { ApiRequest, AuthenticationCall, AuthorizationAttributes, Decision, UserInfo } from '../types.ts';
import { measuredAuthenticator, measuredAuthorizer } from './measuredAccess.ts';

const lines = async (metrics: Metrics, pattern: RegExp): Promise<string[]> => (await metrics.text()).split('\n').filter((line) => pattern.test(line));

test('who asked is counted by outcome, and by name where the name is no person\'s', async () => {
  const metrics = new Metrics();
  const answers: (UserInfo | Error | undefined)[] = [{ name: 'admin', groups: [] }, { name: 'jane@example.com', groups: [] }, { name: 'jane', groups: [] }, undefined, new Error('no'), new Error('no')];
  const authenticator = measuredAuthenticator({
    async authenticate() {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  }, metrics, new FakeClock());
  const ask = (headers: Record<string, string> = {}): Promise<unknown> => authenticator.authenticate({ headers } as unknown as ApiRequest, {} as AuthenticationCall).catch(() => undefined);
  for (let index = 0; index < 5; index += 1) await ask();
  await ask({ authorization: 'Bearer x' });
  expect(await lines(metrics, /^authentication_attempts\{|^authenticated_user/)).toEqual([
    'authenticated_user_requests{username="admin"} 1',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="other"} 2',
    'authentication_attempts{result="success"} 4',
    'authentication_attempts{result="failure"} 1',
    'authentication_attempts{result="error"} 1',
  ]);
});

test('decisions are counted, whether they come at once or later, with their time', async () => {
  const metrics = new Metrics();
  const clock = new FakeClock();
  const decisions: Decision[] = [{ allowed: true, reason: '' }, { allowed: false, denied: true, reason: '' }, { allowed: false, reason: '' }, { allowed: false, reason: '', error: 'x' }];
  const authorizer = measuredAuthorizer({ authorize: () => decisions.shift()! }, metrics, clock);
  for (let index = 0; index < 3; index += 1) await authorizer.authorize({} as AuthorizationAttributes);
  let answer: (decision: Decision) => void = () => undefined;
  const slow = measuredAuthorizer({ authorize: () => new Promise((resolve) => (answer = resolve)) }, new Metrics(), clock);
  const asked = slow.authorize({} as AuthorizationAttributes);
  answer({ allowed: true, reason: 'later' });
  expect(await asked).toEqual({ allowed: true, reason: 'later' });
  await authorizer.authorize({} as AuthorizationAttributes);
  expect(await lines(metrics, /^authorization_attempts_total\{|_count/)).toEqual([
    ...['allowed', 'denied', 'no-opinion', 'error'].map((result) => `authorization_attempts_total{result="${result}"} 1`),
    ...['allowed', 'denied', 'no-opinion', 'error'].map((result) => `authorization_duration_seconds_count{result="${result}"} 1`),
  ]);
});

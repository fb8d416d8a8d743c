import { parseRequestInfo } from '../request/requestInfo.ts';
import type { Authorizer } from '../types.ts';
import { authorizeCreate } from './authorizeCreate.ts';

const user = { name: 'jane', groups: [] };
const info = (method: string): ReturnType<typeof parseRequestInfo> => parseRequestInfo(method, '/api/v1/namespaces/default/pods/web/exec', new URLSearchParams());

/** Allows these verbs and writes down what it was asked. */
function authorizerOf(verbs: readonly string[], asked: string[] = []): Authorizer {
  return {
    authorize: ({ verb, resource, subresource, name }) => {
      asked.push(`${verb} ${resource}/${subresource} ${name}`);
      return { allowed: verbs.includes(verb), reason: '' };
    },
  };
}

test('a GET needs the verb create besides, a POST was asked for it already', async () => {
  const asked: string[] = [];
  const caughtUp = async (): Promise<void> => undefined;
  await authorizeCreate(authorizerOf(['create'], asked), { info: info('GET'), user }, caughtUp);
  await authorizeCreate(authorizerOf([], asked), { info: info('POST'), user }, caughtUp);
  expect(asked).toEqual(['create pods/exec web']);
  await expect(authorizeCreate(authorizerOf(['get']), { info: info('GET'), user }, caughtUp)).rejects.toMatchObject({ code: 403, message: 'pods "web" is forbidden: ' });
});

test('a refusal that may rest on what was not seen yet is asked once more', async () => {
  let seen = false;
  const authorizer: Authorizer = { authorize: () => ({ allowed: seen, reason: 'no', mayChange: true }) };
  await authorizeCreate(authorizer, { info: info('GET'), user }, async () => (seen = true));
  expect(seen).toBe(true);
});

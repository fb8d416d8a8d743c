import type { AuthorizationAttributes, Authorizer, Decision } from '../../types.ts';
import { withSettledAuthorizer } from './settledAuthorizer.ts';

const question = (verb: string): AuthorizationAttributes => ({ user: { name: 'jane', groups: [] }, verb, group: '', version: '*', resource: 'pods', subresource: '', namespace: 'n', name: '', path: '', isResourceRequest: true });

/** Takes its time; says which question it was. */
function numbering(): { readonly authorizer: Authorizer; readonly asked: string[] } {
  const asked: string[] = [];
  const authorizer: Authorizer = { authorize: ({ verb }) => Promise.resolve({ allowed: true, reason: String(asked.push(verb)) }) };
  return { authorizer, asked };
}

it('asks each question once, however often and by whomever it is put', async () => {
  const { authorizer, asked } = numbering();
  const known = new Map<string, Decision>();
  const same = (): Promise<boolean> => withSettledAuthorizer(authorizer, (authorizes) => authorizes.authorize(question('get')).reason === authorizes.authorize(question('get')).reason, known);
  expect(await same()).toBe(true);
  expect(await same()).toBe(true);
  expect(asked).toEqual(['get']);
  expect(await withSettledAuthorizer(authorizer, (authorizes) => [authorizes.authorize(question('get')).reason, authorizes.authorize(question('list')).reason], known)).toEqual(['1', '2']);
});

it('waits for as many answers as the evaluation needs, of which one may lead to the next question', async () => {
  const verbs = Array.from({ length: 28 }, (_, index) => `verb${index}`);
  expect(await withSettledAuthorizer(numbering().authorizer, (authorizes) => verbs.every((verb) => authorizes.authorize(question(verb)).allowed))).toBe(true);
});

it('rejects as the authorizer does', async () => {
  const authorizer: Authorizer = { authorize: () => Promise.reject(new Error('nobody there')) };
  await expect(withSettledAuthorizer(authorizer, (authorizes) => authorizes.authorize(question('get')).allowed)).rejects.toThrow('nobody there');
});

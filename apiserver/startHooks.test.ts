import { startHooks } from './startHooks.ts';

const fine = async (): Promise<undefined> => undefined;

test('each stage answers for the hooks that stand for it, in the order of Kubernetes', async () => {
  const hooks = startHooks({ memory: fine, defaults: async () => 'no roles yet', registrations: fine, flows: fine });
  const failing = (await Promise.all(hooks.map(async (each) => ({ name: each.name, why: await each.check() })))).filter(({ why }) => why !== undefined);
  expect(failing.map(({ name }) => name)).toContain('poststarthook/rbac/bootstrap-roles');
  expect(new Set(failing.map(({ why }) => why))).toEqual(new Set(['no roles yet']));
  expect([hooks[0]?.name, hooks.at(-1)?.name]).toEqual(['poststarthook/start-apiserver-admission-initializer', 'poststarthook/apiservice-openapiv3-controller']);
  expect(new Set(hooks.map(({ name }) => name)).size).toBe(hooks.length);
});

test('without priority and fairness its hooks are not there', () => {
  expect(startHooks({ memory: fine, defaults: fine, registrations: fine }).filter(({ name }) => name.includes('fairness'))).toEqual([]);
});

import { parse } from 'yaml';
import { mergeContext, removeContext, userKubeconfigFile } from './userKubeconfig.ts';

const entry = { cluster: { server: 'https://127.0.0.1:6443' }, user: { token: 'x' } };
const other = `# mine
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: {server: https://prod}
contexts:
- name: prod
  context: {cluster: prod, user: me}
current-context: prod
users:
- name: me
  user: {token: secret}
`;

test('an empty file becomes a kubeconfig', () => {
  expect(parse(mergeContext('', 'gantry', entry))).toMatchObject({
    kind: 'Config',
    clusters: [{ name: 'gantry', cluster: entry.cluster }],
    contexts: [{ name: 'gantry', context: { cluster: 'gantry', user: 'gantry' } }],
    'current-context': 'gantry',
  });
});

test('other contexts stay, with their comments; a second merge changes nothing; removal gives back what was', () => {
  const merged = mergeContext(other, 'gantry', entry);
  expect(merged).toContain('# mine');
  expect(parse(merged)).toMatchObject({ contexts: [{ name: 'prod' }, { name: 'gantry' }], 'current-context': 'gantry' });
  expect(mergeContext(merged, 'gantry', entry)).toBe(merged);
  expect(parse(removeContext(merged, 'gantry')!)).toEqual({ ...(parse(other) as object), 'current-context': '' });
  expect(removeContext(mergeContext('', 'gantry', entry), 'gantry')).toBeUndefined();
});

test('a namespace that the user has chosen stays', () => {
  const chosen = mergeContext('', 'gantry', entry).replace('user: gantry', 'user: gantry\n      namespace: web');
  expect(parse(mergeContext(chosen, 'gantry', { ...entry, user: { token: 'new' } }))).toMatchObject({ contexts: [{ context: { namespace: 'web' } }], users: [{ user: { token: 'new' } }] });
});

test('what is no kubeconfig is refused', () => {
  expect(() => mergeContext('- 1', 'gantry', entry)).toThrow('it is not a kubeconfig');
  expect(() => mergeContext('a: [', 'gantry', entry)).toThrow('it is not YAML');
});

test('kubectl\'s own choice of file', () => {
  expect(userKubeconfigFile({}, '/root')).toBe('/root/.kube/config');
  expect(userKubeconfigFile({ KUBECONFIG: ':/a:/b' }, '/root')).toBe('/a');
});

import type { KubectlResult, KubectlVersion } from '../rig/kubectl.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();

const WEB = (replicas: number, extra = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec: {replicas: ${replicas}, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}${extra}]}}}
`;
const CONFIG = (data: string, labels = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: cfg${labels === '' ? '' : `, labels: ${labels}`}}
data: ${data}
`;

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

describe.each<KubectlVersion>(['1.32', '1.36'])('kubectl %s', (version) => {
  const namespace = `ssa-${version.replace('.', '-')}`;
  const call = (words: string, input?: string): Promise<KubectlResult> => cluster().kubectl(['-n', namespace, ...words.split(' ')], { version, ...(input === undefined ? {} : { input }) });
  const run = async (words: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await call(words, input);
    if (code !== 0) throw new Error(`kubectl ${words} ended with ${code}: ${stderr}`);
    return stdout.trimEnd();
  };
  const refused = async (words: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await call(words, input);
    if (code === 0) throw new Error(`kubectl ${words} was to fail, but said: ${stdout}`);
    return stderr;
  };
  const entries = async (what: string): Promise<Entry[]> => (JSON.parse(await run(`get ${what} -o json --show-managed-fields`)) as { metadata: { managedFields: Entry[] } }).metadata.managedFields;
  const owners = async (what: string): Promise<string[]> => (await entries(what)).map(({ manager, operation, subresource }) => [manager, operation, ...(subresource === undefined ? [] : [subresource])].join(' ')).sort();

  beforeAll(async () => {
    await cluster().run(`create namespace ${namespace}`);
  });

  test('applies on the server: creates, changes, takes away, and hides managedFields unless they are asked for', async () => {
    expect(await run('apply --server-side -f -', CONFIG('{a: "1", b: "2"}', '{x: z}'))).toBe('configmap/cfg serverside-applied');
    const version1 = await run('get cm cfg -o jsonpath={.metadata.resourceVersion}');
    expect(await run('apply --server-side -f -', CONFIG('{a: "1", b: "2"}', '{x: z}'))).toBe('configmap/cfg serverside-applied');
    expect(await run('get cm cfg -o jsonpath={.metadata.resourceVersion}')).toBe(version1);
    await run('apply --server-side -f -', CONFIG('{a: "3"}'));
    expect(await run('get cm cfg -o jsonpath={.data}{.metadata.labels}')).toBe('{"a":"3"}');
    expect(await run('get cm cfg -o yaml')).not.toContain('managedFields');
    expect(await entries('cm cfg')).toMatchObject([{ manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } }]);
    expect(await run('delete cm cfg')).toContain('deleted');
  });

  test('meets conflicts, forces, and hands fields over', async () => {
    await run('apply --server-side --field-manager=one -f -', CONFIG('{a: "1"}'));
    const conflict = await refused('apply --server-side --field-manager=two -f -', CONFIG('{a: "2"}'));
    expect(conflict).toMatch(/Apply failed with 1 conflict: conflict with "one": \.data\.a/);
    expect(conflict).toContain('--force-conflicts');
    await run('apply --server-side --field-manager=two --force-conflicts -f -', CONFIG('{a: "2"}'));
    expect(await owners('cm cfg')).toEqual(['two Apply']);
    await run('label cm cfg team=red');
    await run('annotate cm cfg note=x');
    expect(await owners('cm cfg')).toContain('kubectl-label Update');
    const edited = await refused('apply --server-side --field-manager=two -f -', CONFIG('{a: "2"}', '{team: blue}'));
    expect(edited).toContain('conflict with "kubectl-label" using v1: .metadata.labels.team');
    // Both say the same: they own it together, and neither takes it away alone.
    await run('apply --server-side --field-manager=two -f -', CONFIG('{a: "2"}', '{team: red}'));
    await run('apply --server-side --field-manager=two -f -', CONFIG('{a: "2"}'));
    expect(await run('get cm cfg -o jsonpath={.metadata.labels}')).toBe('{"team":"red"}');
    expect(await run('delete cm cfg')).toContain('deleted');
  });

  test('shows the difference that an apply on the server would make', async () => {
    await run('apply --server-side -f -', CONFIG('{a: "1"}'));
    const diff = await call('diff --server-side -f -', CONFIG('{a: "2"}'));
    expect([diff.code, diff.stderr]).toEqual([1, '']);
    expect(diff.stdout).toMatch(/\n-  a: "1"\n\+  a: "2"\n/);
    const same = await call('diff --server-side -f -', CONFIG('{a: "1"}'));
    expect([same.code, same.stdout]).toEqual([0, '']);
    expect(await run('delete cm cfg')).toContain('deleted');
  });

  test('takes over from a client-side apply, and gives back to it', async () => {
    await run('apply -f -', WEB(1, ', {name: side, image: side}'));
    expect(await owners('deploy web')).toContain('kubectl-client-side-apply Update');
    expect(await run('apply --server-side -f -', WEB(2))).toBe('deployment.apps/web serverside-applied');
    expect(await run('get deploy web -o jsonpath={.spec.replicas}{.spec.template.spec.containers[*].name}')).toBe('2web');
    expect((await owners('deploy web')).filter((owner) => owner.startsWith('kubectl'))).toEqual(['kubectl Apply', 'kubectl-last-applied Apply']);
    expect(await run('apply view-last-applied deploy web')).toContain('replicas: 2');
    const { stderr, code } = await call('apply -f -', WEB(1));
    expect([code, stderr]).toEqual([0, '']);
    expect(await run('get deploy web -o jsonpath={.spec.replicas}')).toBe('1');
  });

  test('status and scale count apart from the object', async () => {
    await run('rollout status deploy/web --timeout=90s');
    expect(await owners('deploy web')).toContain('kube-controller-manager Update status');
    expect(await run('scale deploy web --replicas=3')).toBe('deployment.apps/web scaled');
    const scaled = (await entries('deploy web')).find(({ subresource }) => subresource === 'scale');
    expect(scaled).toMatchObject({ operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } });
    expect(await refused('apply --server-side --field-manager=new -f -', WEB(5))).toMatch(/conflict with "\S+" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    const status = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nstatus: {collisionCount: 7}\n';
    await run('apply --server-side --force-conflicts --subresource=status --field-manager=observer -f -', status);
    expect(await owners('deploy web')).toContain('observer Apply status');
  });
});

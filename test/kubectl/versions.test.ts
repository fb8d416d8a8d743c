import type { KubectlResult, KubectlVersion } from '../rig/kubectl.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();

const WEB = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: ${replicas}, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data: {a: "1"}
`;

/** The oldest kubectl that is still about, which reads OpenAPI v2 as protobuf, and the newest. */
describe.each<KubectlVersion>(['1.20', '1.36'])('kubectl %s', (version) => {
  const namespace = `v${version.replace('.', '-')}`;
  const call = (words: string, input?: string): Promise<KubectlResult> => cluster().kubectl(['-n', namespace, ...words.split(' ')], { version, ...(input === undefined ? {} : { input }) });
  const run = async (words: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await call(words, input);
    if (code !== 0) throw new Error(`kubectl ${words} ended with ${code}: ${stderr}`);
    return stdout.trimEnd();
  };

  test('the everyday commands', async () => {
    expect(await run(`create namespace ${namespace}`)).toBe(`namespace/${namespace} created`);
    await cluster().run(`wait -n ${namespace} --for=create serviceaccount/default --timeout=90s`);
    expect(await run('apply -f -', WEB(2))).toBe('deployment.apps/web created\nconfigmap/cfg created');
    expect(await run('apply -f -', WEB(2))).toBe('deployment.apps/web unchanged\nconfigmap/cfg unchanged');
    expect(await run('apply -f -', WEB(3))).toBe('deployment.apps/web configured\nconfigmap/cfg unchanged');
    expect(await run('rollout status deploy/web --timeout=90s')).toContain('deployment "web" successfully rolled out');
    expect(await run('get deploy web --no-headers')).toMatch(/^web +3\/3 +3 +3 /);
    expect((await run('get pods -o wide')).split('\n')).toHaveLength(4);
    expect(await run('describe deploy web')).toContain('3 desired | 3 updated | 3 total | 3 available | 0 unavailable');
    expect(await run('explain deployment.spec.replicas')).toContain('Number of desired pods');
    expect(await run('scale deploy web --replicas=1')).toBe('deployment.apps/web scaled');
    expect(await run('create configmap made --from-literal=a=1')).toBe('configmap/made created');
    expect(await run('create job now --image=done')).toBe('job.batch/now created');
    expect(await run('wait --for=condition=complete job/now --timeout=90s')).toBe('job.batch/now condition met');
    expect(await run('set image deploy/web web=second')).toBe('deployment.apps/web image updated');
    expect(await run('rollout status deploy/web --timeout=90s')).toContain('successfully rolled out');
    expect(await run('rollout undo deploy/web')).toBe('deployment.apps/web rolled back');
    expect(await run('label deploy web a=b')).toBe('deployment.apps/web labeled');
    expect(await run('run one --image=app')).toBe('pod/one created');
    expect(await run('expose deploy web --port=80')).toBe('service/web exposed');
    expect(await run('auth can-i delete pods')).toBe('yes');
    expect(await run('api-resources --api-group=apps -o name')).toContain('deployments.apps');
    const wrong = await call('apply -f -', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\nfoo: 1\n');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(version === '1.20' ? /unknown field "foo" in io\.k8s\.api\.core\.v1\.ConfigMap/ : /strict decoding error: unknown field "foo"/);
    expect(await run('delete deploy web --timeout=90s')).toMatch(/^deployment\.apps "web" deleted/);
    expect(await run(`delete namespace ${namespace} --timeout=90s`)).toMatch(/^namespace "v1-\d+" deleted/);
  });
});

import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.25", ports: [{containerPort: 8080}]}]}
`;
const DONE = 'deployment "web" successfully rolled out';

beforeAll(async () => {
  await run('apply -f -', WEB);
  await run('rollout status deploy/web --timeout=90s');
});

test('a new image is rolled out, a bad one is seen and undone', async () => {
  expect(await run('set image deploy/web web=nginx:1.26')).toBe('deployment.apps/web image updated');
  expect(await run('rollout status deploy/web --timeout=90s')).toContain(DONE);
  expect(await run('annotate deploy/web kubernetes.io/change-cause=second')).toBe('deployment.apps/web annotated');
  // The ReplicaSet is told of it, from which it comes back.
  await cluster().untilSays('rollout history deploy/web', / second$/);
  await run('set image deploy/web web=bad:1');
  await cluster().untilSays('get deploy web --no-headers', /^web +3\/3 +1 +3 /);
  await cluster().untilTimesOut('rollout status deploy/web', /^error: timed out waiting for the condition$/);
  expect(await run('rollout undo deploy/web')).toBe('deployment.apps/web rolled back');
  expect(await run('rollout status deploy/web --timeout=90s')).toContain(DONE);
  expect(await run('get deploy web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.26');
  expect((await run('rollout history deploy/web')).split('\n').map((line) => line.trimEnd().replace(/ +/g, ' '))).toEqual([
    'deployment.apps/web',
    'REVISION CHANGE-CAUSE',
    '1 <none>',
    '3 second',
    '4 second',
  ]);
  expect(await run('rollout history deploy/web --revision=1')).toMatch(/^deployment.apps\/web with revision #1\nPod Template:\n {2}Labels:\tapp=web\n\tpod-template-hash=\w+\n[^]*Image:\tnginx:1.25/);
});

test('a paused Deployment collects changes, and rolls them out at once', async () => {
  expect(await run('rollout pause deploy/web')).toBe('deployment.apps/web paused');
  expect(await run('set env deploy/web A=b')).toBe('deployment.apps/web env updated');
  expect(await run('set resources deploy/web --limits=cpu=200m,memory=64Mi')).toBe('deployment.apps/web resource requirements updated');
  const sets = await run('get rs -o name');
  // The changes have been seen, and nothing is made of them.
  await cluster().untilSays('get deploy web -o jsonpath={.metadata.generation}/{.status.observedGeneration}:{.status.updatedReplicas}', /^(\d+)\/\1:0?$/);
  expect(await run('get rs -o name')).toBe(sets);
  expect(await run('rollout resume deploy/web')).toBe('deployment.apps/web resumed');
  expect(await run('rollout status deploy/web --timeout=90s')).toContain(DONE);
  expect((await run('get rs -o name')).split('\n')).toHaveLength(sets.split('\n').length + 1);
  // Those of before are still about to end.
  await cluster().untilSays('get pods -l app=web -o jsonpath={.items[*].spec.containers[*].resources.limits.cpu}', '200m 200m 200m');
  await cluster().untilSays('get pods -l app=web -o name', /^(?:pod\/\S+\n?){3}$/);
});

test('restart makes new pods, undo goes to any revision, scale and autoscale follow', async () => {
  const before = (await run('get pods -l app=web -o name')).split('\n');
  expect(await run('rollout restart deploy/web')).toBe('deployment.apps/web restarted');
  expect(await run('rollout status deploy/web --timeout=90s')).toContain(DONE);
  await cluster().untilSays('get pods -l app=web -o name', new RegExp(`^(?!.*(?:${before.join('|')}))`, 's'));
  await run('rollout undo deploy/web --to-revision=1');
  expect(await run('rollout status deploy/web --timeout=90s')).toContain(DONE);
  await cluster().untilSays('get pods -l app=web -o jsonpath={.items[*].spec.containers[*].image}', 'nginx:1.25 nginx:1.25 nginx:1.25');
  expect(await cluster().refused('rollout undo deploy/web --to-revision=99')).toBe('error: unable to find specified revision 99 in history');
  expect(await run('scale deploy/web --replicas=5')).toBe('deployment.apps/web scaled');
  expect(await cluster().refused('scale --current-replicas=4 --replicas=2 deploy/web')).toBe('error: Expected replicas to be 4, was 5');
  expect(await run('wait --for=jsonpath={.status.readyReplicas}=5 deploy/web --timeout=90s')).toBe('deployment.apps/web condition met');
  expect(await run('wait --for=condition=Available deploy/web --timeout=90s')).toBe('deployment.apps/web condition met');
  expect(await run('autoscale deploy/web --max=5')).toBe('horizontalpodautoscaler.autoscaling/web autoscaled');
  expect(await run('get hpa web --no-headers')).toMatch(/^web +Deployment\/web +cpu: <unknown>\/80% +1 +5 +0 /);
});

test('StatefulSets and DaemonSets roll, too', async () => {
  const template = (app: string): string => `{metadata: {labels: {app: ${app}}}, spec: {containers: [{name: c, image: first}]}}`;
  await run('apply -f -', `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {serviceName: db, replicas: 2, selector: {matchLabels: {app: db}}, template: ${template('db')}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: ${template('agent')}}
`);
  expect(await run('rollout status sts/db --timeout=90s')).toMatch(/partitioned roll out complete: 2 new pods have been updated\.\.\.$/);
  expect(await run('get pods -l app=db -o name')).toBe('pod/db-0\npod/db-1');
  expect(await run('rollout status ds/agent --timeout=90s')).toContain('daemon set "agent" successfully rolled out');
  expect((await run('set image sts/db ds/agent c=second')).split('\n')).toEqual(['statefulset.apps/db image updated', 'daemonset.apps/agent image updated']);
  expect(await run('rollout status sts/db --timeout=90s')).toContain('roll out complete');
  expect(await run('rollout status ds/agent --timeout=90s')).toContain('successfully rolled out');
  await cluster().untilSays('get pods -l app=agent -o jsonpath={.items[*].spec.containers[*].image}', 'second second');
  expect(await run('rollout undo sts/db')).toBe('statefulset.apps/db rolled back');
  expect(await run('rollout status sts/db --timeout=90s')).toContain('roll out complete');
  await cluster().untilSays('get pods -l app=db -o jsonpath={.items[*].spec.containers[*].image}', 'first first');
  expect(await run('rollout undo ds/agent')).toBe('daemonset.apps/agent rolled back');
  expect(await run('rollout status ds/agent --timeout=90s')).toContain('successfully rolled out');
  await cluster().untilSays('get pods -l app=agent -o jsonpath={.items[*].spec.containers[*].image}', 'first first');
});

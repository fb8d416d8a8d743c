import { eventually } from '../rig/controlPlane.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

async function makeDeployment(name: string): Promise<void> {
  await run(`create deployment ${name} --image=app --replicas=2`);
  await run(`rollout status deploy/${name} --timeout=90s`);
}

const gone = (what: string): Promise<true> => eventually(`${what} is gone`, async () => ((await run(`get ${what} -o name`)) === '' ? true : undefined));

test('background: the object goes at once, what it owns follows', async () => {
  await makeDeployment('background');
  expect(await run('delete deploy background')).toBe('deployment.apps "background" deleted');
  await gone('rs,pods -l app=background');
});

test('foreground: the object waits for what it owns', async () => {
  await makeDeployment('foreground');
  const set = await run('get rs -l app=foreground -o jsonpath={.items[0].metadata.name}');
  await run(`patch rs ${set} --type=merge -p {"metadata":{"finalizers":["example.com/held"]}}`);
  expect(await run('delete deploy foreground --cascade=foreground --wait=false')).toBe('deployment.apps "foreground" deleted');
  await gone('pods -l app=foreground');
  expect(await run('get deploy foreground -o jsonpath={.metadata.finalizers}')).toBe('["foregroundDeletion"]');
  expect(await run('get deploy foreground -o jsonpath={.metadata.deletionTimestamp}')).toMatch(/^20.*Z$/);
  await run(`patch rs ${set} --type=merge -p {"metadata":{"finalizers":null}}`);
  expect(await run('wait --for=delete deploy/foreground --timeout=90s')).toMatch(/^(deployment.apps\/foreground condition met)?$/);
  await gone('rs -l app=foreground');
});

test('orphan: what it owned stays, and is taken over by the next of its kind', async () => {
  await makeDeployment('orphan');
  const pods = await run('get pods -l app=orphan -o name');
  expect(await run('delete deploy orphan --cascade=orphan')).toBe('deployment.apps "orphan" deleted');
  await eventually('the ReplicaSet has no owner', async () => ((await run('get rs -l app=orphan -o jsonpath={.items[*].metadata.ownerReferences}')) === '' ? true : undefined));
  expect(await run('get pods -l app=orphan -o name')).toBe(pods);
  await makeDeployment('orphan');
  expect(await run('get pods -l app=orphan -o name')).toBe(pods);
});

test('by selector, all, by force, and what is not there', async () => {
  await run('create configmap one');
  await run('create configmap two');
  await run('label cm one two with=label');
  expect(await run('delete cm -l with=label')).toBe('configmap "one" deleted\nconfigmap "two" deleted');
  expect((await cluster().kubectl(['delete', 'cm', '-l', 'with=label'])).stdout).toBe('No resources found\n');
  expect(await cluster().refused('delete cm one')).toBe('Error from server (NotFound): configmaps "one" not found');
  expect(await run('delete cm one --ignore-not-found')).toBe('');
  await run('create secret generic a');
  await run('create secret generic b');
  expect(await run('delete secret --all')).toBe('secret "a" deleted\nsecret "b" deleted');
  await run('run stuck --image=app');
  const forced = await cluster().kubectl(['delete', 'pod', 'stuck', '--force', '--grace-period=0']);
  expect(forced).toMatchObject({
    code: 0,
    stdout: 'pod "stuck" force deleted\n',
    stderr: 'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
  });
  expect(await run('create deployment kept --image=app --dry-run=client -o name')).toBe('deployment.apps/kept');
  await run('create configmap kept');
  expect(await run('delete cm kept --dry-run=server')).toBe('configmap "kept" deleted (server dry run)');
  expect(await run('get cm kept -o name')).toBe('configmap/kept');
});

test('a namespace takes everything in it along, and says what holds it', async () => {
  await run('create namespace doomed');
  await run('create -n doomed deployment web --image=app --replicas=2');
  await run('rollout -n doomed status deploy/web --timeout=90s');
  await run('create -n doomed configmap held');
  await run('patch -n doomed cm held --type=merge -p {"metadata":{"finalizers":["example.com/held"]}}');
  expect(await run('delete namespace doomed --wait=false')).toBe('namespace "doomed" deleted');
  expect(await run('get namespace doomed --no-headers')).toMatch(/^doomed +Terminating /);
  expect(await cluster().refused('create -n doomed configmap late')).toBe(
    'error: failed to create configmap: configmaps "late" is forbidden: unable to create new content in namespace doomed because it is being terminated',
  );
  const message = await eventually('the reason', async () => {
    const text = await run('get namespace doomed -o jsonpath={.status.conditions[?(@.type=="NamespaceFinalizersRemaining")].message}');
    return text.includes('example.com/held') ? text : undefined;
  });
  expect(message).toBe('Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances');
  expect(await run('get -n doomed deploy,pods -o name')).toBe('');
  await run('patch -n doomed cm held --type=merge -p {"metadata":{"finalizers":null}}');
  await eventually('the namespace is gone', async () => ((await run('get namespace doomed --ignore-not-found')) === '' ? true : undefined));
});

import { spawn } from 'node:child_process';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/controlPlane.ts';
import { AGE, useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

/** Rows of words, for tables without spaces in their cells. */
const rows = (text: string): string[][] => text.split('\n').map((line) => line.trim().split(/ +/));

const pod = (name: string, app: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${app}}}
spec: {nodeName: n1, containers: [{name: c, image: app}]}
---`;

beforeAll(async () => {
  await run('apply -f -', ['a', 'b', 'c', 'd'].map((name) => pod(name, name === 'd' ? 'db' : 'web')).join('\n'));
  await run('wait --for=condition=Ready pod --all --timeout=90s');
});

test('tables: wide, with labels, of all namespaces, without headers', async () => {
  expect(rows(await run('get pods'))).toEqual([
    ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
    ...['a', 'b', 'c', 'd'].map((name) => [name, '1/1', 'Running', '0', expect.stringMatching(`^${AGE}$`)]),
  ]);
  expect((await run('get pods -o wide')).split('\n')[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/);
  expect(await run('get pod a -o wide --no-headers')).toMatch(/^a +1\/1 +Running +0 +\S+ +10\.244\.0\.\d+ +n1 +<none> +<none>$/);
  expect(await run('get pod d --show-labels --no-headers')).toMatch(/ app=db$/);
  expect(await run('get pods -L app --no-headers')).toMatch(/^a .* web\n/);
  expect(rows(await run('get pods -A'))[0]?.[0]).toBe('NAMESPACE');
  expect(await run('get nodes --no-headers')).toMatch(/^n1 +Ready +<none> /);
  const result = await cluster().kubectl(['get', 'pods', '-n', 'kube-public']);
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: 'No resources found in kube-public namespace.\n' });
});

test('outputs: name, json, yaml, jsonpath, columns, templates', async () => {
  expect(await run('get pods -o name')).toBe('pod/a\npod/b\npod/c\npod/d');
  const list = JSON.parse(await run('get pods -o json')) as { kind: string; items: { metadata: { name: string } }[] };
  expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' } });
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd']);
  expect(await run('get pod a -o yaml')).toMatch(/^apiVersion: v1\nkind: Pod\nmetadata:\n {2}annotations:\n[^]*\n {4}resources: \{\}\n[^]*\nstatus:\n/);
  expect(await run('get pods -o jsonpath={.items[*].metadata.name}')).toBe('a b c d');
  expect(await run('get pods -o custom-columns=N:.metadata.name,P:.status.phase,X:.spec.absent')).toMatch(/^N +P +X\na +Running +<none>\n/);
  expect(await run('get pod a -o go-template={{.metadata.name}}')).toBe('a');
  expect(await run('get pods --sort-by={.metadata.labels.app} -o name')).toBe('pod/d\npod/a\npod/b\npod/c');
});

test('selection: labels, fields, pages, several kinds and names', async () => {
  expect(await run('get pods -o name -l app=db')).toBe('pod/d');
  expect(await cluster().run('get pods -o name -l app!=db,app')).toBe('pod/a\npod/b\npod/c');
  expect((await cluster().kubectl(['get', 'pods', '-o', 'name', '-l', 'app in (db, other)'])).stdout).toBe('pod/d\n');
  expect(await run('get pods -o name --field-selector spec.nodeName=n1,metadata.name!=b')).toBe('pod/a\npod/c\npod/d');
  expect(await cluster().refused('get pods --field-selector foo=bar')).toBe(
    'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "foo=bar": field label not supported: foo',
  );
  expect(await run('get pods -o name --chunk-size=2')).toBe('pod/a\npod/b\npod/c\npod/d');
  expect(await run('get pod/a node/n2 svc/kubernetes -o name')).toBe('pod/a\nnode/n2\nservice/kubernetes');
  expect(await cluster().refused('get pod a nope')).toBe('Error from server (NotFound): pods "nope" not found');
  expect(await cluster().refused('get foo')).toBe('error: the server doesn\'t have a resource type "foo"');
  expect(await run('get pod nope --ignore-not-found')).toBe('');
  expect((await cluster().kubectl(['get', 'endpoints', 'kubernetes'])).stderr).toBe('Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n');
  expect(await run('get --raw /readyz')).toBe('ok');
});

test('a watch shows changes as they come', async () => {
  const child = spawn(kubectlPath('1.32'), ['--kubeconfig', cluster().kubeconfig, 'get', 'cm', '-w', '--output-watch-events', '-o', 'jsonpath={.type} {.object.metadata.name} {.object.data}{"\\n"}', '-l', 'watched'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = '';
  child.stdout.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  const sees = (text: string): Promise<true> => eventually(`the watch shows ${text}`, async () => (seen.includes(text) ? true : undefined));
  const lines = ['ADDED w {"a":"1"}', 'MODIFIED w {"a":"2"}', 'DELETED w {"a":"2"}'] as const;
  try {
    await run('apply -f -', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: w, labels: {watched: yes-it-is}}\ndata: {a: "1"}\n');
    await sees(lines[0]);
    await run('patch cm w --type=merge -p {"data":{"a":"2"}}');
    await sees(lines[1]);
    await run('delete cm w');
    // kubectl writes a line in pieces.
    await sees(`${lines[2]}\n`);
    expect(seen).toBe(`${lines.join('\n')}\n`);
  } finally {
    child.kill();
  }
});

test('events are listed, sorted and told of an object', async () => {
  await run('run sched --image=app');
  await run('wait --for=condition=Ready pod/sched --timeout=90s');
  await cluster().untilSays('get events --field-selector involvedObject.name=sched --no-headers', /^\S+ +Normal +Scheduled +pod\/sched +Successfully assigned default\/sched to n[12]$/);
  expect(await run('events --for pod/sched --no-headers')).toMatch(/Normal +Scheduled +Pod\/sched +Successfully assigned/);
  expect(await run('describe pod sched')).toMatch(/Events:\n[^]* Scheduled +\S+ +default-scheduler +Successfully assigned default\/sched to n[12]$/);
});

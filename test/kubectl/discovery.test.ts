import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kubectlPath } from '../rig/kubectl.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

test('what is served, and by whom', async () => {
  expect(await run('version')).toMatch(/\nServer Version: v1\.36\.\d+\+gantry/);
  expect(await run('cluster-info')).toMatch(/Kubernetes control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/);
  const versions = (await run('api-versions')).split('\n');
  expect(versions).toEqual(expect.arrayContaining(['apps/v1', 'autoscaling/v2', 'batch/v1', 'networking.k8s.io/v1', 'rbac.authorization.k8s.io/v1', 'v1']));
  expect(versions.filter((each) => /alpha|beta/.test(each))).toEqual([]);
  const resources = await run('api-resources -o wide --no-headers');
  expect(resources).toMatch(/\npods +po +v1 +true +Pod +create,delete,deletecollection,get,list,patch,update,watch +all\n/);
  expect(resources).toMatch(/\ndeployments +deploy +apps\/v1 +true +Deployment +create,delete,deletecollection,get,list,patch,update,watch +all\n/);
  expect(await run('api-resources --namespaced=false --api-group=rbac.authorization.k8s.io -o name')).toBe('clusterrolebindings.rbac.authorization.k8s.io\nclusterroles.rbac.authorization.k8s.io');
});

test('explain', async () => {
  expect(await run('explain pod.spec.containers.resources.limits')).toMatch(/^KIND: +Pod\nVERSION: +v1\n\nFIELD: limits <map\[string\]Quantity>\n[^]*Limits describes the maximum amount of compute resources allowed/);
  expect(await run('explain deployment')).toMatch(/^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nDESCRIPTION:\n {4}Deployment enables declarative updates for Pods and ReplicaSets/);
  expect(await run('explain deployment.spec --recursive')).toMatch(/\n {2}selector\t<LabelSelector> -required-\n {4}matchExpressions\t<\[\]LabelSelectorRequirement>\n/);
  expect(await run('explain pod.spec.restartPolicy')).toMatch(/FIELD: restartPolicy <string>\nENUM:\n {4}Always\n {4}Never\n {4}OnFailure\n\nDESCRIPTION:[^]*Possible enum values:\n +- `"Always"`\n/);
  expect(await cluster().refused('explain pod.spec.nope')).toBe('error: field "nope" does not exist');
});

test('every kind explains itself, to its last field', async () => {
  // NAME, short names where there are any, APIVERSION, NAMESPACED, KIND.
  const waiting = (await run('api-resources --no-headers')).split('\n').map((line) => line.split(/ +/)).map((words) => `${words[0]} --api-version=${words.at(-3)}`);
  expect(waiting.length).toBeGreaterThan(60);
  const silent: string[] = [];
  const explain = async (): Promise<void> => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const text = await run(`explain ${name} --recursive`);
      if (!/^KIND: +\w+$/m.test(text) || !/^ {2}apiVersion\t<string>$/m.test(text) || !/DESCRIPTION:\n {4}\S/.test(text)) silent.push(name);
    }
  };
  await Promise.all(Array.from({ length: 4 }, explain));
  expect(silent).toEqual([]);
});

/** Some paths have pages for people only, for those who do not ask for more. */
const KUBECTLS = { accept: 'application/json, */*' };

test('every path of discovery can be read', async () => {
  const { client } = cluster();
  const { paths } = JSON.parse(await run('get --raw /')) as { readonly paths: readonly string[] };
  const documents = JSON.parse(await run('get --raw /openapi/v3')) as { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> };
  const urls = [...paths, ...Object.values(documents.paths).map(({ serverRelativeURL }) => serverRelativeURL)];
  expect(paths).toEqual(expect.arrayContaining(['/api', '/api/v1', '/apis', '/apis/apiregistration.k8s.io/v1', '/apis/apps', '/apis/apps/v1', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version']));
  const refused: string[] = [];
  for (const path of urls) if ((await client.raw({ method: 'GET', path, headers: KUBECTLS })).status !== 200) refused.push(path);
  expect(refused).toEqual([]);
});

test('strict validation names what a kind does not have', async () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'strict' }, data: { a: 'b' }, nope: 1 };
  expect(await cluster().refused('create --validate=strict -f -', JSON.stringify(object))).toContain('strict decoding error: unknown field "nope"');
  expect(await run('create --validate=strict -f -', JSON.stringify({ ...object, nope: undefined }))).toBe('configmap/strict created');
});

test('who may do what', async () => {
  expect(await run('auth can-i create pods')).toBe('yes');
  expect((await cluster().kubectl('auth can-i get pods --as=system:serviceaccount:default:default'.split(' '))).stdout).toBe('no\n');
  expect(await run('auth can-i --list')).toMatch(/^Resources +Non-Resource URLs +Resource Names +Verbs\n\*\.\* +\[\] +\[\] +\[\*\]\n[^]*selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]/);
  expect(await run('auth whoami')).toMatch(/\nUsername +kubernetes-admin\nGroups +\[system:masters system:authenticated\]\nExtra: authentication\.kubernetes\.io\/credential-id +\[X509SHA256=[0-9a-f]{64}\]/);
  await run('create serviceaccount reader');
  await run('create role reader --verb=get,list --resource=pods');
  await run('create rolebinding reader --role=reader --serviceaccount=default:reader');
  // A read sees what was written before; from then on so does who decides.
  await run('get rolebinding reader');
  const as = '--as=system:serviceaccount:default:reader';
  expect(await run(`auth can-i list pods ${as}`)).toBe('yes');
  expect(await cluster().refused(`get secrets ${as}`)).toBe(
    'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:default:reader" cannot list resource "secrets" in API group "" in the namespace "default"',
  );
});

test('the proxy passes requests on', async () => {
  const child = spawn(kubectlPath('1.32'), ['--kubeconfig', cluster().kubeconfig, 'proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    // It says where once it listens.
    const [said] = await once(child.stdout, 'data');
    const answer = await fetch(`http://${/127\.0\.0\.1:\d+/.exec(String(said))?.[0]}/api/v1/namespaces/default`);
    expect(await answer.json()).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' }, status: { phase: 'Active' } });
  } finally {
    child.kill();
  }
});

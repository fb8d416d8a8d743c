import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';

let plane: ControlPlane;

beforeAll(async () => {
  const configuration = new Map<string, unknown>([
    ['PodSecurity', { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration', defaults: { warn: 'baseline' }, exemptions: { namespaces: ['exempt'], runtimeClasses: ['kata'] } }],
  ]);
  const controllers = ['serviceaccount-controller', 'persistentvolumeclaim-protection-controller', 'persistentvolume-protection-controller'];
  plane = await startControlPlane({ controllers, scheduler: false, admission: { enable: [], disable: ['Priority'], configuration } });
  for (const name of ['strict', 'lax', 'exempt']) await plane.run(`create namespace ${name}`);
  await plane.run('label namespace strict pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted');
  for (const name of ['strict', 'lax', 'exempt', 'default']) await plane.run(`wait -n ${name} --for=create serviceaccount/default --timeout=120s`);
});

afterAll(() => plane.close());

/** What kubectl said on stderr, whether it failed, and its answer. */
const kubectl = async (words: string, input?: string) => plane.kubectl(words.split(' '), input === undefined ? {} : { input });

const FAULTS =
  'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

test('a pod that violates the level of its namespace is refused', async () => {
  const { code, stderr } = await kubectl('run c -n strict --image=app');
  expect([code, stderr.trim()]).toEqual([1, `Error from server (Forbidden): pods "c" is forbidden: violates PodSecurity "restricted:latest": ${FAULTS}`]);
  const good = '{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"good","image":"app","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}';
  expect(await plane.run(`run good -n strict --image=app --overrides=${good}`)).toBe('pod/good created');
  // Labels of a pod that is there may change, images not into one that would be refused: this one is as careful as before.
  expect(await plane.run('label pod good -n strict a=b')).toBe('pod/good labeled');
  const debug = await kubectl('debug good -n strict --image=app --container=d --profile=general --attach=false');
  expect(debug.stderr).toContain('is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "d" must set');
});

test('templates are warned about, and kubectl shows it', async () => {
  const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: strict}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: app}]}}}\n';
  const { code, stdout, stderr } = await kubectl('apply -f -', deployment);
  expect([code, stdout.trim(), stderr.trim()]).toEqual([0, 'deployment.apps/web created', `Warning: would violate PodSecurity "restricted:latest": ${FAULTS}`]);
  const cronJob = await kubectl('create cronjob often -n strict --image=app --schedule=@hourly --dry-run=server');
  expect(cronJob.stderr).toContain('Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "often"');
});

test('defaults hold where a namespace says nothing; exemptions where it does', async () => {
  const host = '--overrides={"spec":{"hostNetwork":true}}';
  expect((await kubectl(`run h -n lax --image=app ${host}`)).stderr.trim()).toBe('Warning: would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)');
  expect((await kubectl('label namespace exempt pod-security.kubernetes.io/enforce=restricted')).stderr.trim()).toBe('Warning: namespace "exempt" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored');
  expect(await kubectl(`run h -n exempt --image=app ${host}`)).toMatchObject({ code: 0, stderr: '' });
});

test('a namespace that gets stricter says which of its pods are not', async () => {
  const labelled = await kubectl('label --overwrite namespace lax pod-security.kubernetes.io/enforce=baseline');
  expect(labelled).toMatchObject({ code: 0, stderr: 'Warning: existing pods in namespace "lax" violate the new PodSecurity enforce level "baseline:latest"\nWarning: h: host namespaces\n' });
  const refused = await kubectl('label --overwrite namespace lax pod-security.kubernetes.io/enforce=x pod-security.kubernetes.io/warn-version=1.20');
  expect(refused.stderr.trim()).toBe(
    'The Namespace "lax" is invalid: \n* metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted\n' +
      '* metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.20": must be "latest" or "v1.x"',
  );
});

test('a plugin that is turned off does nothing', async () => {
  expect(await plane.run('get pod good -n strict -o jsonpath={.spec.priority}')).toBe('');
});

test('the system\'s namespaces cannot be deleted', async () => {
  expect((await kubectl('delete namespace kube-public')).stderr.trim()).toBe('Error from server (Forbidden): namespaces "kube-public" is forbidden: this namespace may not be deleted');
});

test('claims get the default class, and stay while a pod uses them', async () => {
  await plane.run('apply -f -', 'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: usual, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}\nprovisioner: example.com/none\n');
  await eventually('the class is known', async () => ((await plane.run('get storageclass usual -o name')) === 'storageclass.storage.k8s.io/usual' ? true : undefined));
  const claim = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n';
  await plane.run('apply -f -', claim);
  expect(await plane.run('get pvc data -o jsonpath={.spec.storageClassName}{.metadata.finalizers}')).toBe('usual["kubernetes.io/pvc-protection"]');
  const grown = await kubectl('patch pvc data -p {"spec":{"resources":{"requests":{"storage":"2Gi"}}}}');
  expect(grown.stderr).toMatch(/Only bound persistent volume claims can be expanded|spec is immutable/);
  await plane.run('apply -f -', 'apiVersion: v1\nkind: Pod\nmetadata: {name: user}\nspec: {nodeName: n1, containers: [{name: c, image: app}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}\n');
  await plane.run('delete pvc data --wait=false');
  expect(await plane.run('get pvc data -o jsonpath={.metadata.finalizers}')).toBe('["kubernetes.io/pvc-protection"]');
  await plane.run('delete pod user --grace-period=0 --force');
  await plane.run('wait --for=delete pvc/data --timeout=120s');
});

test('a pod gets what its runtime class costs, and the zone of its node', async () => {
  await plane.run('apply -f -', 'apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: kata}\nhandler: kata\noverhead: {podFixed: {cpu: 250m}}\nscheduling: {nodeSelector: {kata: "yes"}}\n');
  await plane.run('apply -f -', 'apiVersion: v1\nkind: Node\nmetadata: {name: n2, labels: {topology.kubernetes.io/zone: a, topology.kubernetes.io/region: r, other: x}}\n');
  // The exempt runtime class passes even where the level is restricted.
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: isolated, namespace: strict}\nspec: {runtimeClassName: kata, nodeName: n2, containers: [{name: c, image: app}]}\n';
  await plane.run('apply -f -', pod);
  expect(await plane.run('get pod isolated -n strict -o jsonpath={.spec.overhead}{.spec.nodeSelector}{.metadata.labels}')).toBe('{"cpu":"250m"}{"kata":"yes"}{"topology.kubernetes.io/region":"r","topology.kubernetes.io/zone":"a"}');
  const refused = await kubectl('apply -f -', pod.replace('runtimeClassName: kata', 'runtimeClassName: none').replace('isolated', 'other'));
  expect(refused.stderr).toContain('pods "other" is forbidden: pod rejected: RuntimeClass "none" not found');
});

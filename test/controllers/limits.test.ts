import type { V1EndpointSliceList } from '../../api/generated/types.ts';
import { eventually } from '../rig/controlPlane.ts';
import { useCluster } from '../kubectl/cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

test('a quota is counted, holds what is over it back, and lets it go on when there is room', async () => {
  await run('create quota few --hard=pods=2,configmaps=3,requests.cpu=1');
  await run('wait quota few --for=jsonpath={.status.used.configmaps}=1 --timeout=90s');
  await run('create configmap one');
  await run('create configmap two');
  expect(await cluster().refused('create configmap three')).toBe('error: failed to create configmap: configmaps "three" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=3, limited: configmaps=3');
  expect(await cluster().refused('run unlimited --image=app')).toContain('failed quota: few: must specify requests.cpu for: unlimited');
  await run('apply -f -', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: app, resources: {requests: {cpu: 100m}}}]}}}\n');
  await eventually('two are ready', async () => ((await run('get deploy web -o jsonpath={.status.readyReplicas}')) === '2' ? true : undefined));
  await cluster().untilSays('get deploy web -o jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}', /^pods "web-\w+-\w+" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/);
  await cluster().untilSays('get quota few -o jsonpath={.status.used}', '{"configmaps":"3","pods":"2","requests.cpu":"200m"}');
  await run('patch quota few --type=merge -p {"spec":{"hard":{"pods":"5"}}}');
  // The longer it was refused, the longer until it is tried again.
  await eventually('all three are ready', async () => ((await run('get deploy web -o jsonpath={.status.readyReplicas}')) === '3' ? true : undefined), 180);
  await run('delete configmap one two');
  await eventually('the quota has seen it', async () => ((await run('get quota few -o jsonpath={.status.used.configmaps}')) === '1' ? true : undefined));
});

test('endpoints follow the pods that are ready', async () => {
  await run('create namespace net');
  await run('wait -n net --for=create serviceaccount/default --timeout=90s');
  await run('create -n net deployment web --image=app --replicas=2 --port=8080');
  await run('expose -n net deploy web --port=80 --target-port=8080');
  // A slice without endpoints prints null, which a filter of JSONPath does not go through.
  const addresses = async (): Promise<number> => {
    const { items }: V1EndpointSliceList = JSON.parse(await run('get -n net endpointslices -o json'));
    return items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready).length;
  };
  await eventually('two addresses', async () => ((await addresses()) === 2 ? true : undefined));
  const listed = await cluster().untilSays('get -n net endpoints web --no-headers', /^web +\S+,\S+ /);
  expect(listed).toMatch(/^web +10\.244\.0\.\d+:8080,10\.244\.0\.\d+:8080 /);
  const pod = await run('get -n net pods -o jsonpath={.items[0].metadata.name}');
  await run(`patch -n net pod ${pod} --subresource=status -p {"status":{"conditions":[{"type":"Ready","status":"False"}]}}`);
  await eventually('one address', async () => ((await addresses()) === 1 ? true : undefined));
  await cluster().untilSays('get -n net endpoints web -o jsonpath={.subsets[0].notReadyAddresses[*].targetRef.name}', pod);
  await run('scale -n net deploy web --replicas=0');
  await eventually('no address', async () => ((await addresses()) === 0 ? true : undefined));
  await run('delete -n net service web');
  await eventually('the slices went along', async () => ((await run('get -n net endpointslices,endpoints -o name')) === '' ? true : undefined));
});

test('service accounts and the cluster authority are put back when they are taken away', async () => {
  await run('delete serviceaccount default');
  await run('delete configmap kube-root-ca.crt');
  await run('wait --for=create serviceaccount/default configmap/kube-root-ca.crt --timeout=90s');
  expect(await run('get configmap kube-root-ca.crt -o jsonpath={.data}')).toContain('BEGIN CERTIFICATE');
});

test('each pod of a StatefulSet has its own claim, which stays when the pod goes', async () => {
  await run('create namespace data');
  await run('wait -n data --for=create serviceaccount/default --timeout=90s');
  const claims = 'volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]';
  const container = '{name: c, image: app, volumeMounts: [{name: data, mountPath: /data}]}';
  const set = `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: data}\nspec: {serviceName: db, replicas: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [${container}]}}, ${claims}}\n`;
  expect(await run('apply -f -', set)).toBe('statefulset.apps/db created');
  // The claims have defaults and are one list to kubectl, so that it sends them again, with Kubernetes as well; nothing changes by it.
  await run('apply -f -', set);
  expect(await run('get -n data sts db -o jsonpath={.metadata.generation}')).toBe('1');
  await eventually('its claims', async () => ((await run('get -n data pvc -o name')).startsWith('persistentvolumeclaim/data-db-0') ? true : undefined));
  await cluster().untilSays('get -n data pod db-0 -o jsonpath={.spec.volumes[?(@.name=="data")].persistentVolumeClaim.claimName}', 'data-db-0');
  await run('delete -n data sts db');
  await eventually('its pods are gone', async () => ((await run('get -n data pods -o name')) === '' ? true : undefined));
  expect(await run('get -n data pvc -o name')).toContain('persistentvolumeclaim/data-db-0');
});

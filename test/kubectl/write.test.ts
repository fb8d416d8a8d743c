// The x509 library asks for it.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { eventually } from '../rig/controlPlane.ts';
import { AGE, useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);
const refused = (words: string | readonly string[], input?: string): Promise<string> => cluster().refused(words, input);

const APP = (replicas: number): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data: {a: "1"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, env: [{name: A, value: "1"}, {name: B, value: "2"}]}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {schedule: "0 0 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: done}]}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
`;
const NAMES = ['configmap/cfg', 'service/web', 'deployment.apps/web', 'cronjob.batch/nightly', 'ingress.networking.k8s.io/web'];

test('apply creates, changes only what changed, takes away what was left out, and shows the difference before', async () => {
  expect(await run('apply -f -', APP(1))).toBe(NAMES.map((name) => `${name} created`).join('\n'));
  expect(await run('apply -f -', APP(1))).toBe(NAMES.map((name) => `${name} unchanged`).join('\n'));
  const diff = await cluster().kubectl(['diff', '-f', '-'], { input: APP(3) });
  expect(diff.code).toBe(1);
  expect(diff.stdout).toMatch(/\n-  generation: \d\n\+  generation: \d\n[^]*\n-  replicas: 1\n\+  replicas: 3\n/);
  const without = APP(3).replace(', {name: B, value: "2"}', '');
  expect(await run('apply -f -', without)).toBe(NAMES.map((name) => `${name} ${name.startsWith('deployment') ? 'configured' : 'unchanged'}`).join('\n'));
  expect(await run('get deploy web -o jsonpath={.spec.template.spec.containers[0].env}{.spec.replicas}')).toBe('[{"name":"A","value":"1"}]3');
  expect(await run('delete -f - --wait=false', APP(1))).toBe(['configmap "cfg"', 'service "web"', 'deployment.apps "web"', 'cronjob.batch "nightly"', 'ingress.networking.k8s.io "web"'].map((name) => `${name} deleted`).join('\n'));
});

test('create makes each kind it has a command for', async () => {
  const created: readonly (readonly [string, string])[] = [
    ['namespace made', 'namespace/made'],
    ['configmap c --from-literal=a=1', 'configmap/c'],
    ['secret generic s --from-literal=p=w', 'secret/s'],
    ['secret docker-registry r --docker-server=r.local --docker-username=u --docker-password=p', 'secret/r'],
    ['deployment d --image=nginx --replicas=2 --port=80', 'deployment.apps/d'],
    ['job j --image=done', 'job.batch/j'],
    ['cronjob cj --image=done --schedule=@daily', 'cronjob.batch/cj'],
    ['job from-cron --from=cronjob/cj', 'job.batch/from-cron'],
    ['role r --verb=get,list --resource=pods,deployments.apps', 'role.rbac.authorization.k8s.io/r'],
    ['rolebinding rb --role=r --serviceaccount=default:robot', 'rolebinding.rbac.authorization.k8s.io/rb'],
    ['clusterrole cr --verb=get --resource=nodes', 'clusterrole.rbac.authorization.k8s.io/cr'],
    ['clusterrolebinding crb --clusterrole=cr --user=bob', 'clusterrolebinding.rbac.authorization.k8s.io/crb'],
    ['serviceaccount robot', 'serviceaccount/robot'],
    ['quota q --hard=pods=30,services=10', 'resourcequota/q'],
    ['pdb p --selector=app=d --min-available=1', 'poddisruptionbudget.policy/p'],
    ['priorityclass pc --value=100', 'priorityclass.scheduling.k8s.io/pc'],
    ['service clusterip sc --tcp=80:8080', 'service/sc'],
    ['service nodeport sn --tcp=80:8080 --node-port=30100', 'service/sn'],
    ['service externalname se --external-name=x.example', 'service/se'],
    ['ingress i --rule=h.example/p*=web:80 --class=nginx', 'ingress.networking.k8s.io/i'],
  ];
  for (const [words, name] of created) expect(await run(`create ${words}`)).toBe(`${name} created`);
  expect(await run('wait --for=condition=complete job/j job/from-cron --timeout=90s')).toBe('job.batch/j condition met\njob.batch/from-cron condition met');
  expect(await run('get job j --no-headers')).toMatch(new RegExp(`^j +Complete +1/1 +${AGE} +${AGE}$`));
  expect(await run('create token robot --duration=1h')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(await run('expose deploy d --port=81 --target-port=80 --type=NodePort')).toBe('service/d exposed');
  expect(await run('get svc d --no-headers')).toMatch(/^d +NodePort +10\.\S+ +<none> +81:3\d{4}\/TCP /);
  expect(await run('run one --image=app --labels=a=b --env=X=Y -- sleep 5')).toBe('pod/one created');
  await cluster().untilSays('get quota q --no-headers', /^q +pods: \d+\/30, services: 5\/10 /);
});

test('create says what stands in the way', async () => {
  await run('create configmap taken');
  expect(await refused('create configmap taken')).toBe('error: failed to create configmap: configmaps "taken" already exists');
  expect(await refused('create configmap taken --dry-run=server')).toBe('error: failed to create configmap: configmaps "taken" already exists');
  expect(await refused('create configmap C_1')).toMatch(/^error: failed to create configmap: ConfigMap "C_1" is invalid: metadata.name: Invalid value: "C_1": a lowercase RFC 1123 subdomain must consist of/);
  expect(await refused('create -n absent configmap c')).toBe('error: failed to create configmap: namespaces "absent" not found');
  await run('create service nodeport holder --tcp=80');
  const port = await run('get service holder -o jsonpath={.spec.ports[0].nodePort}');
  expect(await refused(`create service nodeport other --tcp=80 --node-port=${port}`)).toBe(
    `error: failed to create NodePort service: Service "other" is invalid: spec.ports[0].nodePort: Invalid value: ${port}: provided port is already allocated`,
  );
  expect(await run('create deployment dry --image=x --dry-run=server -o name')).toBe('deployment.apps/dry');
  expect(await run('get deploy dry --ignore-not-found')).toBe('');
});

test('faults of a manifest are named, each with its field', async () => {
  const misspelt = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\nfoo: 1\ndata: {a: "1"}\n';
  expect(await refused('apply -f -', misspelt)).toBe('Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo"');
  const warned = await cluster().kubectl(['apply', '--validate=warn', '-f', '-'], { input: misspelt });
  expect(warned).toMatchObject({ code: 0, stdout: 'configmap/odd created\n', stderr: 'Warning: unknown field "foo"\n' });
  const bad = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {replicas: -1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}, spec: {containers: [{name: X}]}}}\n';
  expect((await refused('apply -f -', bad)).split('\n')).toEqual([
    'The Deployment "bad" is invalid: ',
    '* spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    '* spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`',
    expect.stringMatching(/^\* spec\.template\.spec\.containers\[0\]\.name: Invalid value: "X": a lowercase RFC 1123 label must consist of/),
    '* spec.template.spec.containers[0].image: Required value',
  ]);
  expect(await refused('apply -f -', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {replicas: "x"}\n')).toBe(
    'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  );
  expect(await refused('apply -f -', 'apiVersion: foo/v1\nkind: Bar\nmetadata: {name: bad}\n')).toContain('no matches for kind "Bar" in version "foo/v1"');
});

test('patches of all three types', async () => {
  await run('apply -f -', APP(1));
  expect(await run('patch cm cfg --type=merge -p {"data":{"b":"2"}}')).toBe('configmap/cfg patched');
  expect(await run('patch cm cfg --type=merge -p {"data":{"b":"2"}}')).toBe('configmap/cfg patched (no change)');
  expect(await run('patch cm cfg --type=json -p [{"op":"remove","path":"/data/a"}]')).toBe('configmap/cfg patched');
  expect(await refused('patch cm cfg --type=json -p [{"op":"test","path":"/data/b","value":"3"}]')).toBe('The request is invalid: the server rejected our request due to an error in our request');
  await run('patch deploy web -p {"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"B","$patch":"delete"},{"name":"C","value":"3"}]}]}}}}');
  expect(await run('get deploy web -o jsonpath={.spec.template.spec.containers[0].env[*].name}')).toBe('C A');
  expect(await run('patch deploy web --subresource=scale --type=merge -p {"spec":{"replicas":2}}')).toBe('scale.autoscaling/web patched');
  expect(await run('get deploy web --subresource=scale')).toMatch(new RegExp(`^NAME +DESIRED +AVAILABLE +AGE\\nweb +2 +\\d +${AGE}$`));
  expect(await refused('patch deploy web -p {"spec":{"selector":{"matchLabels":{"x":"y"}}}}')).toContain('* spec.selector: Invalid value: {"matchLabels":{"app":"web","x":"y"}}: field is immutable');
  expect(await refused('patch svc web -p {"spec":{"clusterIP":"10.96.0.77"}}')).toBe('The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set');
});

test('edit, replace, label, annotate', async () => {
  await run('create configmap edited --from-literal=alpha=1');
  const edit = (script: string) => cluster().kubectl(['edit', 'cm', 'edited'], { environment: { EDITOR: `sed -i ${script}` } });
  expect((await edit('s/alpha/beta/')).stdout).toBe('configmap/edited edited\n');
  expect((await edit('s/zzz/y/')).stderr).toBe('Edit cancelled, no changes made.\n');
  expect(await run('get cm edited -o jsonpath={.data}')).toBe('{"beta":"1"}');
  const manifest = (await run('get cm edited -o yaml')).replace('beta: "1"', 'beta: "2"');
  expect(await run('replace -f -', manifest)).toBe('configmap/edited replaced');
  expect(await refused('replace -f -', manifest.replace('"2"', '"3"'))).toBe(
    'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "edited": the object has been modified; please apply your changes to the latest version and try again',
  );
  const uid = await run('get cm edited -o jsonpath={.metadata.uid}');
  expect(await run('replace --force -f -', manifest)).toBe('configmap "edited" deleted\nconfigmap/edited replaced');
  expect(await run('get cm edited -o jsonpath={.metadata.uid}')).not.toBe(uid);
  expect(await run('label cm edited c=d')).toBe('configmap/edited labeled');
  expect(await run('label cm edited c=d')).toBe('configmap/edited not labeled');
  expect(await refused('label cm edited c=e')).toBe("error: 'c' already has a value (d), and --overwrite is false");
  expect(await run('label cm edited c=e --overwrite')).toBe('configmap/edited labeled');
  expect(await run('label cm edited c-')).toBe('configmap/edited unlabeled');
  expect(await refused('label cm edited c=-bad-')).toContain('a valid label must be an empty string or consist of alphanumeric characters');
  expect(await run('annotate cm edited x=y')).toBe('configmap/edited annotated');
  expect(await run('annotate cm edited x-')).toBe('configmap/edited annotated');
});

test('secrets of both sorts of data, and what is immutable', async () => {
  await run('apply -f -', 'apiVersion: v1\nkind: Secret\nmetadata: {name: both}\nstringData: {a: text}\ndata: {b: Yg==}\n');
  expect(await run('get secret both -o jsonpath={.data}')).toBe('{"a":"dGV4dA==","b":"Yg=="}');
  await run('patch secret both --type=merge -p {"immutable":true}');
  expect(await refused('patch secret both --type=merge -p {"data":{"b":"Yw=="}}')).toBe('The Secret "both" is invalid: data: Forbidden: field is immutable when `immutable` is set');
  expect(await refused('patch secret both --type=merge -p {"data":{"b":"?"}}')).toContain('illegal base64 data');
});

test('a signing request tells who sent it, is approved, and signed', async () => {
  const request = Buffer.from(await signingRequest()).toString('base64');
  await run('apply -f -', `apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: bob}\nspec: {request: ${request}, username: mallory, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}\n`);
  expect(await run('get csr bob --no-headers')).toMatch(/^bob +\S+ +kubernetes\.io\/kube-apiserver-client +kubernetes-admin +<none> +Pending$/);
  expect(await run('certificate approve bob')).toBe('certificatesigningrequest.certificates.k8s.io/bob approved');
  await eventually('it is signed', async () => ((await run('get csr bob --no-headers')).endsWith('Approved,Issued') ? true : undefined));
  expect(await run('describe csr bob')).toMatch(/\nRequesting User: +kubernetes-admin\n[^]*Status: +Approved,Issued\n[^]*Common Name: +bob\n/);
  expect(await refused('certificate deny bob')).toBe('error: certificate signing request "bob" is already Approved');
});

async function signingRequest(): Promise<string> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=bob,O=dev', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } });
  return request.toString('pem');
}

import { spawn } from 'node:child_process';
import http from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlPath } from '../../rig/kubectl.ts';
import { namesOf } from '../apimachinery/caller.ts';
import { defined, makeDefinition, until } from '../apimachinery/definitions.ts';
import { usePlane } from '../apimachinery/plane.ts';

const used = usePlane();
const run = (namespace: string, words: string, input?: string): Promise<string> => used().kubectl(`-n ${namespace} ${words}`, input);
const json = async (namespace: string, words: string) => JSON.parse(await run(namespace, `${words} -o json`));

const PRIMARY = JSON.stringify({
  apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'agnhost-primary', labels: { app: 'agnhost', role: 'primary' } },
  spec: { replicas: 1, selector: { app: 'agnhost', role: 'primary' }, template: { metadata: { labels: { app: 'agnhost', role: 'primary' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'agnhost-primary', image: 'agnhost', ports: [{ name: 'agnhost-server', containerPort: 6379 }] }] } } },
});
const SERVICE = JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'agnhost-primary', labels: { app: 'agnhost', role: 'primary' } }, spec: { ports: [{ port: 6379, targetPort: 'agnhost-server' }], selector: { app: 'agnhost', role: 'primary' } } });
const httpd = (name: string, image: string): string => JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'httpd', image, ports: [{ containerPort: 80 }] }] } } } });

/** Starts the primary and gives the name of its pod once that runs. */
async function primary(namespace: string): Promise<string> {
  await run(namespace, 'create -f -', PRIMARY);
  await until('the pod runs', async () => (await json(namespace, 'get pods -l app=agnhost')).items[0]?.status.phase === 'Running');
  await until('it is counted', async () => (await json(namespace, 'get rc agnhost-primary')).status.replicas === 1);
  return (await json(namespace, 'get pods -l app=agnhost')).items[0].metadata.name;
}
/** Each line's words, one space apart, in this order. */
const hasInOrder = (text: string, lines: readonly string[]): void => {
  const plain = text.replace(/[ \t]+/g, ' ');
  let from = 0;
  for (const line of lines) {
    const at = plain.indexOf(line, from);
    expect([line, at >= 0]).toEqual([line, true]);
    from = at;
  }
};

describe('[sig-cli] Kubectl client', () => {
  test('Kubectl api-versions should check if v1 is in available api versions', async () => {
    expect((await used().kubectl('api-versions')).split('\n')).toContain('v1');
  });

  test('Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info', async () => {
    expect(await used().kubectl('cluster-info')).toMatch(/Kubernetes control plane.* is running at/);
  });

  test('Kubectl cluster-info dump should check if cluster-info dump succeeds', async () => {
    expect(await used().kubectl('cluster-info dump')).toContain('"kind": "NodeList"');
  });

  test('Kubectl version should check is all data is printed', async () => {
    const { clientVersion, serverVersion } = JSON.parse(await used().kubectl('version -o json'));
    for (const version of [clientVersion, serverVersion]) for (const field of ['major', 'minor', 'gitCommit', 'gitVersion', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform']) expect([field, typeof version[field]]).toEqual([field, 'string']);
  });

  test('Kubectl describe should check if kubectl describe prints relevant information for rc and pods', async () => {
    const namespace = await used().namespace();
    const pod = await primary(namespace);
    await run(namespace, 'create -f -', SERVICE);
    hasInOrder(await run(namespace, `describe pod ${pod}`), ['Name: agnhost-primary-', `Namespace: ${namespace}`, 'Node:', 'Labels: app=agnhost', 'role=primary', 'Annotations:', 'Status: Running', 'IP:', 'Controlled By: ReplicationController/agnhost-primary', 'Image:', 'State: Running', 'QoS Class: BestEffort']);
    hasInOrder(await run(namespace, 'describe rc agnhost-primary'), ['Name: agnhost-primary', `Namespace: ${namespace}`, 'Selector: app=agnhost,role=primary', 'Labels: app=agnhost', 'role=primary', 'Annotations:', 'Replicas: 1 current / 1 desired', 'Pods Status: 1 Running / 0 Waiting / 0 Succeeded / 0 Failed', 'Pod Template:', 'Image:', 'Events:']);
    hasInOrder(await run(namespace, 'describe service agnhost-primary'), ['Name: agnhost-primary', `Namespace: ${namespace}`, 'Labels: app=agnhost', 'role=primary', 'Annotations:', 'Selector: app=agnhost,role=primary', 'Type: ClusterIP', 'IP:', 'Port: <unset> 6379/TCP', 'Endpoints:', 'Session Affinity: None']);
    hasInOrder(await run(namespace, 'describe node n1'), ['Name: n1', 'Labels:', 'Annotations:', 'CreationTimestamp:', 'Conditions:', 'Type Status LastHeartbeatTime LastTransitionTime Reason Message', 'Addresses:', 'Capacity:', 'Kernel Version:', 'Kubelet Version:', 'Non-terminated Pods:']);
    hasInOrder(await run(namespace, `describe namespace ${namespace}`), [`Name: ${namespace}`, 'Labels:', 'Annotations:', 'Status: Active']);
  });

  test('Kubectl describe should check if kubectl describe prints relevant information for cronjob', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'create -f -', JSON.stringify({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'cronjob-test' }, spec: { schedule: '*/1 * * * *', suspend: true, concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 30, jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'test', image: 'busybox', args: ['/bin/true'] }] } } } } } }));
    hasInOrder(await run(namespace, 'describe cronjob cronjob-test'), ['Name: cronjob-test', 'Labels:', 'Annotations:', 'Schedule: */1 * * * *', 'Concurrency Policy: Forbid', 'Suspend: True', 'Successful Job History Limit:', 'Failed Job History Limit:', 'Starting Deadline Seconds: 30s', 'Selector:', 'Parallelism:', 'Completions:']);
  });

  test('Kubectl diff should check if kubectl diff finds a difference for Deployments', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'create -f -', httpd('httpd-deployment', 'httpd:2.4'));
    const { code, stdout } = await used().plane.kubectl(['-n', namespace, 'diff', '-f', '-'], { version: '1.36', input: httpd('httpd-deployment', 'busybox:1') });
    expect([code, stdout]).toEqual([1, expect.stringMatching(/-\s+(- )?image: httpd:2\.4[^]*\+\s+(- )?image: busybox:1/)]);
  });

  test('Kubectl server-side dry-run should check if kubectl can dry-run update Pods', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'run e2e-test-httpd-pod --image=httpd:2.4 --labels=run=e2e-test-httpd-pod');
    await used().kubectl(['-n', namespace, 'patch', 'pod', 'e2e-test-httpd-pod', '-p', '{"spec":{"containers":[{"name":"e2e-test-httpd-pod","image":"busybox:1"}]}}', '--dry-run=server']);
    expect((await json(namespace, 'get pod e2e-test-httpd-pod')).spec.containers[0].image).toBe('httpd:2.4');
  });

  test('Kubectl expose should create services for rc', async () => {
    const namespace = await used().namespace();
    await primary(namespace);
    await run(namespace, 'expose rc agnhost-primary --name=rm2 --port=1234 --target-port=6379');
    await run(namespace, 'expose service rm2 --name=rm3 --port=2345 --target-port=6379');
    for (const [name, port] of [['rm2', 1234], ['rm3', 2345]] as const) {
      const { spec } = await json(namespace, `get service ${name}`);
      expect([spec.ports[0].port, spec.ports[0].targetPort, spec.selector]).toEqual([port, 6379, { app: 'agnhost', role: 'primary' }]);
      await until('it has an endpoint', async () => (await json(namespace, `get endpointslices -l kubernetes.io/service-name=${name}`)).items[0]?.endpoints?.length === 1);
      expect((await json(namespace, `get endpointslices -l kubernetes.io/service-name=${name}`)).items[0].ports[0].port).toBe(6379);
    }
  });

  test('Kubectl label should update the label on a resource', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'run pause --image=pause');
    await run(namespace, 'label pods pause testing-label=testing-label-value');
    expect(await run(namespace, 'get pod pause -L testing-label')).toContain('testing-label-value');
    await run(namespace, 'label pods pause testing-label-');
    expect(await run(namespace, 'get pod pause -L testing-label')).not.toContain('testing-label-value');
  });

  test('Kubectl patch should add annotations for pods in rc', async () => {
    const namespace = await used().namespace();
    const pod = await primary(namespace);
    await used().kubectl(['-n', namespace, 'patch', 'pod', pod, '-p', '{"metadata":{"annotations":{"x":"y"}}}']);
    expect((await json(namespace, `get pod ${pod}`)).metadata.annotations.x).toBe('y');
  });

  test("Kubectl replace should update a single-container pod's image", async () => {
    const namespace = await used().namespace();
    await run(namespace, 'run e2e-test-httpd-pod --image=httpd:2.4 --labels=run=e2e-test-httpd-pod');
    // From then on nobody else writes to it.
    await run(namespace, 'wait --for=condition=Ready pod/e2e-test-httpd-pod --timeout=90s');
    const pod = await run(namespace, 'get pod e2e-test-httpd-pod -o json');
    await run(namespace, 'replace -f -', pod.replaceAll('httpd:2.4', 'busybox:1'));
    expect((await json(namespace, 'get pod e2e-test-httpd-pod')).spec.containers[0].image).toBe('busybox:1');
  });

  test('Kubectl run pod should create a pod from an image when restart is Never', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'run e2e-test-httpd-pod --restart=Never --image=httpd:2.4');
    const { spec } = await json(namespace, 'get pod e2e-test-httpd-pod');
    expect([spec.containers.length, spec.containers[0].image, spec.restartPolicy]).toEqual([1, 'httpd:2.4', 'Never']);
  });

  test.each(['should create and stop a replication controller', 'should scale a replication controller'])('Update Demo %s', async (name) => {
    const namespace = await used().namespace();
    const nautilus = JSON.stringify({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'update-demo-nautilus' }, spec: { replicas: 2, selector: { name: 'update-demo' }, template: { metadata: { labels: { name: 'update-demo' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'update-demo', image: 'nautilus', ports: [{ containerPort: 80 }] }] } } } });
    await run(namespace, 'create -f -', nautilus);
    const running = async (): Promise<number> => (await used().kubectl(['-n', namespace, 'get', 'pods', '-l', 'name=update-demo', '-o', 'template', '--template={{range .items}}{{if (exists . "status" "containerStatuses")}}{{range .status.containerStatuses}}{{if (exists . "state" "running")}}x{{end}}{{end}}{{end}}{{end}}'])).length;
    await until('two run', async () => (await running()) === 2);
    for (const replicas of name.includes('scale') ? [1, 2] : []) {
      await run(namespace, `scale rc update-demo-nautilus --replicas=${replicas} --timeout=5m`);
      await until(`${replicas} run`, async () => (await running()) === replicas);
    }
    await run(namespace, 'delete --grace-period=0 --force -f -', nautilus);
    expect(await run(namespace, 'get rc,svc -l name=update-demo --no-headers')).toBe('');
    await until('no pod is left', async () => (await run(namespace, 'get pods -l name=update-demo -o name')) === '');
  });

  test('Kubectl apply should apply a new configuration to an existing RC', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'create -f -', PRIMARY);
    const changed = JSON.parse(PRIMARY);
    changed.metadata.labels['kubectl.kubernetes.io/apply-test'] = 'ADDED';
    await run(namespace, 'apply -f -', JSON.stringify(changed));
    expect((await json(namespace, 'get rc agnhost-primary')).metadata.labels['kubectl.kubernetes.io/apply-test']).toBe('ADDED');
  });

  test('Kubectl apply should reuse port when apply to an existing SVC', async () => {
    const namespace = await used().namespace();
    const service = JSON.stringify({ ...JSON.parse(SERVICE), spec: { ...JSON.parse(SERVICE).spec, type: 'NodePort' } });
    await run(namespace, 'apply -f -', service);
    const port = (await json(namespace, 'get svc agnhost-primary')).spec.ports[0].nodePort;
    await run(namespace, 'apply -f -', service);
    expect((await json(namespace, 'get svc agnhost-primary')).spec.ports[0].nodePort).toBe(port);
  });

  test('Kubectl apply apply set/view last-applied', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'apply -f -', httpd('httpd-deployment', 'httpd:2.4'));
    expect(await run(namespace, 'apply view-last-applied deployment httpd-deployment -o json')).toContain('httpd:2.4');
    await run(namespace, 'apply set-last-applied -f -', httpd('httpd-deployment', 'busybox:1'));
    expect(await run(namespace, 'apply view-last-applied deployment httpd-deployment -o json')).toContain('busybox:1');
    expect((await json(namespace, 'get deployment httpd-deployment')).spec.template.spec.containers[0].image).toBe('httpd:2.4');
  });

  test('kubectl subresource flag GET on status subresource of built-in type (node) returns identical info as GET on the built-in type', async () => {
    const whole = JSON.parse(await used().kubectl('get node n1 -o json'));
    expect(JSON.parse(await used().kubectl('get node n1 -o json --subresource=status')).status).toEqual(whole.status);
  });

  test('kubectl subresource flag should be used to get the scale subresource', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'create -f -', httpd('scaled', 'httpd:2.4'));
    const scale = await json(namespace, 'get deployment scaled --subresource=scale');
    expect([scale.kind, scale.spec.replicas]).toEqual(['Scale', 1]);
  });

  test.each([
    ['should create a quota without scopes', '', ['pods', 'services'], undefined],
    ['should create a quota with scopes', ' --scopes=BestEffort,NotTerminating', ['pods'], ['BestEffort', 'NotTerminating']],
  ])('Kubectl create quota %s', async (_, more, resources, scopes) => {
    const namespace = await used().namespace();
    await run(namespace, `create quota million --hard=${resources.map((each) => `${each}=1000000`).join(',')}${more}`);
    const { spec } = await json(namespace, 'get quota million');
    // kubectl makes the quantity canonical.
    expect([spec.hard, spec.scopes]).toEqual([Object.fromEntries(resources.map((each) => [each, '1M'])), scopes]);
  });
  test('Kubectl create quota should reject quota with invalid scopes', async () => {
    const namespace = await used().namespace();
    expect(await used().refused(`-n ${namespace} create quota scopes --hard=hard=1 --scopes=Foo,Foo`)).toMatch(/unsupported scope|Unsupported value|must be a standard resource/);
  });

  test('Kubectl get componentstatuses should get componentstatuses', async () => {
    const { items } = JSON.parse(await used().kubectl('get componentstatuses -o json'));
    expect(namesOf({ items })).toEqual(expect.arrayContaining(['scheduler', 'controller-manager', 'etcd-0']));
  });

  test('Kubectl taint should update the taint on a node', async () => {
    const taint = 'kubernetes.io/e2e-taint-key-001';
    await used().kubectl(`taint nodes n2 ${taint}=testing-taint-value:NoSchedule`);
    hasInOrder(await used().kubectl('describe node n2'), ['Name: n2', 'Taints:', `${taint}=testing-taint-value:NoSchedule`]);
    await used().kubectl(`taint nodes n2 ${taint}:NoSchedule-`);
    expect(await used().kubectl('describe node n2')).not.toContain(taint);
    for (const effect of ['NoSchedule', 'PreferNoSchedule']) await used().kubectl(`taint nodes n2 ${taint}=another-testing-taint-value:${effect}`);
    await used().kubectl(`taint nodes n2 ${taint}-`);
    expect(await used().kubectl('describe node n2')).not.toContain(taint);
  });

  test('Kubectl events should show event when pod is created', async () => {
    const namespace = await used().namespace();
    await run(namespace, 'run e2e-test-httpd-pod --image=httpd:2.4');
    await until('it is told of', async () => /Scheduled\s+Pod\/e2e-test-httpd-pod/.test(await run(namespace, 'events --for=pod/e2e-test-httpd-pod')));
    expect(await run(namespace, 'events --types=Normal')).toMatch(/Successfully assigned/);
  });

  test('Kubectl prune with applyset should apply and prune objects', async () => {
    const namespace = await used().namespace();
    const map = (name: string): string => `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })}\n`;
    const apply = async (...names: string[]): Promise<void> => {
      const { code, stderr } = await used().plane.kubectl(['-n', namespace, 'apply', '--prune', '--applyset=my-set', '-f', '-'], { version: '1.36', input: names.map(map).join('---\n'), environment: { KUBECTL_APPLYSET: 'true' } });
      expect([code, stderr]).toEqual([0, expect.any(String)]);
    };
    await apply('cm1', 'cm2');
    expect(await run(namespace, 'get cm -o name')).toMatch(/configmap\/cm1\nconfigmap\/cm2/);
    await apply('cm1');
    expect(await run(namespace, 'get cm -o name')).not.toContain('cm2');
  });
});

describe('[sig-cli] Kubectl client Proxy server', () => {
  const ask = (where: http.RequestOptions): Promise<string> =>
    new Promise((resolve, reject) => {
      http.get({ path: '/api/', ...where }, (response) => void response.toArray().then((pieces) => resolve(Buffer.concat(pieces as Buffer[]).toString()))).on('error', reject);
    });
  test.each(['should support proxy with --port 0', 'should support --unix-socket=/path'])('%s', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-proxy-'));
    const socketPath = join(folder, 'test');
    const isSocket = name.includes('socket');
    const proxy = spawn(kubectlPath('1.36'), ['--kubeconfig', used().plane.kubeconfig, 'proxy', ...(isSocket ? [`--unix-socket=${socketPath}`] : ['--port', '0', '--disable-filter=true'])]);
    try {
      const said = await new Promise<string>((resolve) => proxy.stdout.once('data', (piece: Buffer) => resolve(piece.toString())));
      const body = await ask(isSocket ? { socketPath } : { host: '127.0.0.1', port: Number(/:(\d+)/.exec(said)?.[1]) });
      expect(JSON.parse(body).versions).toEqual(['v1']);
    } finally {
      proxy.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]', () => {
  const FOO = {
    description: 'Foo CRD for Testing', type: 'object',
    properties: {
      spec: {
        type: 'object', description: 'Specification of Foo',
        properties: { bars: { description: 'List of Bars and their specs.', type: 'array', items: { type: 'object', required: ['name'], properties: { name: { description: 'Name of Bar.', type: 'string' }, age: { description: 'Age of Bar.', type: 'string' }, feeling: { description: 'Whether Bar is feeling great.', type: 'string', enum: ['Great', 'Down'] }, bazs: { description: 'List of Bazs.', type: 'array', items: { type: 'string' } } } } } },
      },
      status: { description: 'Status of Foo', type: 'object', properties: { bars: { description: 'List of Bars and their statuses.', type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, available: { type: 'boolean' } } } } } },
    },
  };
  const WALDO = { description: 'Waldo CRD for Testing', type: 'object', properties: { spec: { description: 'Specification of Waldo', type: 'object', properties: { dummy: { description: 'Dummy property.', type: 'object' } } }, status: { description: 'Status of Waldo', type: 'object', properties: { bars: { description: 'List of Bars and their statuses.', type: 'array', items: { type: 'object' } } } } } };
  const PRESERVE_NESTED = { description: 'preserve-unknown-properties in nested field for Testing', type: 'object', properties: { spec: { description: 'Specification of Waldo', type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { dummy: { description: 'Dummy property.', type: 'object' } } } } };
  const PRESERVE_ROOT = { description: 'preserve-unknown-properties at root for Testing', type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { spec: { description: 'Specification of Waldo', type: 'object', properties: { dummy: { description: 'Dummy property.', type: 'object' } } } } };
  const definitionName = (group: string, version: string, kind: string): string => `${group.split('.').toReversed().join('.')}.${version}.${kind}`;
  const definitions = async (): Promise<Record<string, { properties?: Record<string, unknown> }>> => (await used().caller.ok('GET', '/openapi/v2', undefined, { accept: 'application/json' })).definitions;
  /** What is published, without what the server adds. */
  const published = async (name: string): Promise<unknown> => {
    const found = (await definitions())[name];
    if (!found) return undefined;
    const { apiVersion, kind, metadata, ...properties } = found.properties ?? {};
    expect([apiVersion, kind, metadata].every(Boolean)).toBe(true);
    return { ...Object.fromEntries(Object.entries(found).filter(([key]) => key !== 'x-kubernetes-group-version-kind')), properties };
  };
  const two = (names: readonly [string, string]): ReturnType<typeof defined>[] => names.map((name, index) => ({ ...defined(name, FOO), storage: index === 0 }));
  const isPublished = (name: string, schema: object): Promise<void> => until(`${name} is published`, async () => JSON.stringify(await published(name)) !== undefined).then(async () => expect(await published(name)).toEqual(schema));

  test('works for CRD with validation schema', async () => {
    const namespace = await used().namespace();
    const made = await makeDefinition(used().caller, { versions: [defined('v1', FOO)] });
    await isPublished(definitionName(made.group, 'v1', made.kind), FOO);
    const object = (spec: object): string => JSON.stringify({ kind: made.kind, apiVersion: `${made.group}/v1`, metadata: { name: 'test-foo' }, spec });
    for (const verb of ['create', 'apply']) {
      await run(namespace, `${verb} -f -`, object({ bars: [{ name: 'test-bar' }] }));
      await run(namespace, `delete ${made.plural} test-foo`);
      expect(await used().refused(`-n ${namespace} ${verb} -f -`, object({ bars: [{ name: 'test-bar', feeling: 'NonExistentValue' }] }))).toContain('Unsupported value: "NonExistentValue"');
      expect(await used().refused(`-n ${namespace} ${verb} -f -`, object({ foo: true }))).toContain('unknown field "spec.foo"');
      expect(await used().refused(`-n ${namespace} ${verb} -f -`, object({ bars: [{ age: '10' }] }))).toContain('spec.bars[0].name: Required value');
    }
    const explained = async (path: string, pattern: RegExp): Promise<void> => expect(await used().kubectl(`explain ${made.plural}${path}`)).toMatch(pattern);
    await explained('', /DESCRIPTION:[^]*Foo CRD for Testing[^]*FIELDS:[^]*apiVersion[^]*<string>[^]*APIVersion defines[^]*spec[^]*<Object>[^]*Specification of Foo/);
    await explained('.metadata', /DESCRIPTION:[^]*Standard object's metadata[^]*FIELDS:[^]*creationTimestamp[^]*<string>[^]*CreationTimestamp is a timestamp/);
    await explained('.spec', /DESCRIPTION:[^]*Specification of Foo[^]*FIELDS:[^]*bars[^]*<\[\]Object>[^]*List of Bars and their specs/);
    await explained('.spec.bars', /(FIELD|RESOURCE):[^]*bars[^]*<\[\]Object>[^]*DESCRIPTION:[^]*List of Bars and their specs[^]*FIELDS:[^]*bazs[^]*<\[\]string>[^]*List of Bazs[^]*name[^]*<string>[^]*Name of Bar/);
    expect(await used().refused(`explain ${made.plural}.spec.bars2`)).toContain('field "bars2" does not exist');
    await made.remove();
    await until('it is published no more', async () => (await definitions())[definitionName(made.group, 'v1', made.kind)] === undefined);
  });

  test.each([
    ['works for CRD without validation schema', undefined, { a: { b: [{ c: 'd' }] } }, /DESCRIPTION:[^]*<empty>/],
    ['works for CRD preserving unknown fields at the schema root', PRESERVE_ROOT, { a: { b: [{ c: 'd' }] } }, /KIND:/],
    ['works for CRD preserving unknown fields in an embedded object', PRESERVE_NESTED, { spec: { a: null, b: [{ c: 'd' }] } }, /DESCRIPTION:[^]*preserve-unknown-properties in nested field for Testing/],
  ])('%s', async (_, schema, fields, explained) => {
    const namespace = await used().namespace();
    const made = await makeDefinition(used().caller, { versions: [schema ? defined('v1', schema) : defined('v1')] });
    await until('it is published', async () => (await definitions())[definitionName(made.group, 'v1', made.kind)] !== undefined);
    const object = JSON.stringify({ kind: made.kind, apiVersion: `${made.group}/v1`, metadata: { name: 'test-cr' }, ...fields });
    for (const verb of ['create', 'apply']) {
      await run(namespace, `${verb} -f -`, object);
      await run(namespace, `delete ${made.plural} test-cr`);
    }
    expect(await used().kubectl(`explain ${made.plural}`)).toMatch(explained);
    await made.remove();
  });

  test('works for multiple CRDs of different groups', async () => {
    const foo = await makeDefinition(used().caller, { versions: [defined('v1', FOO)] });
    const waldo = await makeDefinition(used().caller, { versions: [defined('v1beta1', WALDO)] });
    await isPublished(definitionName(foo.group, 'v1', foo.kind), FOO);
    await isPublished(definitionName(waldo.group, 'v1beta1', waldo.kind), WALDO);
    for (const made of [foo, waldo]) await made.remove();
  });

  test('works for multiple CRDs of same group but different versions', async () => {
    const both = await makeDefinition(used().caller, { versions: two(['v2', 'v3']) });
    for (const version of ['v2', 'v3']) await isPublished(definitionName(both.group, version, both.kind), FOO);
    const foo = await makeDefinition(used().caller, { group: 'common-group.example.com', versions: [defined('v4', FOO)] });
    const waldo = await makeDefinition(used().caller, { group: 'common-group.example.com', versions: [defined('v5', WALDO)] });
    await isPublished(definitionName(foo.group, 'v4', foo.kind), FOO);
    await isPublished(definitionName(waldo.group, 'v5', waldo.kind), WALDO);
    for (const made of [both, foo, waldo]) await made.remove();
  });

  test('works for multiple CRDs of same group and version but different kinds', async () => {
    const foo = await makeDefinition(used().caller, { group: 'common-group.example.com', versions: [defined('v6', FOO)] });
    const waldo = await makeDefinition(used().caller, { group: 'common-group.example.com', versions: [defined('v6', WALDO)] });
    await isPublished(definitionName(foo.group, 'v6', foo.kind), FOO);
    await isPublished(definitionName(waldo.group, 'v6', waldo.kind), WALDO);
    for (const made of [foo, waldo]) await made.remove();
  });

  test('updates the published spec when one version gets renamed', async () => {
    const made = await makeDefinition(used().caller, { versions: two(['v2', 'v3']) });
    for (const version of ['v2', 'v3']) await isPublished(definitionName(made.group, version, made.kind), FOO);
    await used().caller.ok('PATCH', made.path, [{ op: 'test', path: '/spec/versions/1/name', value: 'v3' }, { op: 'replace', path: '/spec/versions/1/name', value: 'v4' }], { 'content-type': 'application/json-patch+json' });
    await isPublished(definitionName(made.group, 'v4', made.kind), FOO);
    await until('the old one is gone', async () => (await definitions())[definitionName(made.group, 'v3', made.kind)] === undefined);
    await isPublished(definitionName(made.group, 'v2', made.kind), FOO);
    await made.remove();
  });

  test('removes definition from spec when one version gets changed to not be served', async () => {
    const made = await makeDefinition(used().caller, { versions: two(['v5', 'v6alpha1']) });
    for (const version of ['v5', 'v6alpha1']) await isPublished(definitionName(made.group, version, made.kind), FOO);
    const read = await used().caller.ok('GET', made.path);
    read.spec.versions[1].served = false;
    await used().caller.ok('PUT', made.path, read);
    await until('it is gone', async () => (await definitions())[definitionName(made.group, 'v6alpha1', made.kind)] === undefined);
    await isPublished(definitionName(made.group, 'v5', made.kind), FOO);
    await made.remove();
  });
});

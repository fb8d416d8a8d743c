import { namesOf } from '../apimachinery/caller.ts';
import { defined, makeDefinition } from '../apimachinery/definitions.ts';
import { usePlane } from '../apimachinery/plane.ts';

/** What upstream's `test/cmd/*.sh` ask of a server by kubectl; lines that are about kubectl alone are left out. Each test has the script's name. */
const used = usePlane();
const run = (namespace: string, words: string, input?: string): Promise<string> => used().kubectl(`-n ${namespace} ${words}`, input);
/** With arguments that have spaces in them. */
const call = (namespace: string, ...words: string[]): Promise<string> => used().kubectl(['-n', namespace, ...words]);
const refused = (namespace: string, words: string | readonly string[], input?: string): Promise<string> => used().refused(['-n', namespace, ...(typeof words === 'string' ? words.split(' ') : words)], input);
const text = (...objects: object[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n');
const pod = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { name }, ...more }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'kubernetes-serve-hostname', image: 'serve_hostname', resources: { limits: { cpu: '1', memory: '512Mi' } } }] } });
const managers = (namespace: string, what: string): Promise<string> => run(namespace, `get ${what} --show-managed-fields -o=jsonpath={.metadata.managedFields[*].manager}`);

test('authorization.sh: a review without a content type; impersonated groups keep their order', async () => {
  const review = { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: { user: 'system:kube-scheduler', resourceAttributes: { verb: 'list', resource: 'pods' } } };
  const answer = await used().caller.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', JSON.stringify(review), { 'content-type': '' });
  expect([answer.status, answer.json.status.allowed]).toEqual([201, true]);
  const namespace = await used().namespace();
  expect(await refused(namespace, 'get pods --as-group=foo')).toContain('without impersonating a user');
  const { status } = await used().caller.ok('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { 'impersonate-user': 'user1' });
  expect(status.userInfo).toEqual({ username: 'user1', groups: ['system:authenticated'] });
  const whoami = JSON.parse(await used().kubectl('auth whoami --as=user1 --as-group=group2 --as-group=group1 --as-group=,,,chameleon -o json'));
  expect(whoami.status.userInfo.groups).toEqual(['group2', 'group1', ',,,chameleon', 'system:authenticated']);
});

test('discovery.sh: documents to the letter, short names and singulars that others have, a kind that changes its scope', async () => {
  const namespace = await used().namespace();
  const core = await used().kubectl('get --raw=/api/v1');
  expect(core).toContain('{"name":"configmaps","singularName":"configmap","namespaced":true,"kind":"ConfigMap","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["cm"],"storageVersionHash":');
  expect(/"name":"pods"[^}]*}/.exec(core)?.[0]).toContain('"categories":["all"]');
  expect(await refused(namespace, 'get unknownresourcetype')).toContain("the server doesn't have a resource type");
  for (const names of [{ shortNames: ['pod'] }, { singular: 'pod' }]) {
    const made = await makeDefinition(used().caller, { names });
    await run(namespace, 'create -f -', text({ apiVersion: `${made.group}/v1`, kind: made.kind, metadata: { name: 'test-crd-example' }, spec: { test: 'test' } }));
    expect(await run(namespace, `get ${made.plural}`)).toContain('test-crd-example');
    expect(await run(namespace, 'get pod')).not.toContain('test-crd-example');
    await made.remove();
  }
  for (const scope of ['Cluster', 'Namespaced'] as const) {
    const made = await makeDefinition(used().caller, { group: 'scopes.example.com', kind: 'Example', scope });
    await used().kubectl('api-resources');
    expect(await run(namespace, 'apply -f -', text({ apiVersion: 'scopes.example.com/v1', kind: 'Example', metadata: { name: 'test' } }))).toContain('created');
    await made.remove();
  }
});

test('get.sh: what is not there, what is refused, pages, subresources, watches', async () => {
  const namespace = await used().namespace();
  for (const form of ['', ' -o name', ' -o json']) expect(await refused(namespace, `get pods abc${form}`)).toBe('Error from server (NotFound): pods "abc" not found');
  expect(await run(namespace, 'get pods -o name')).toBe('');
  expect(await used().kubectl('get namespaces --chunk-size=1 --no-headers')).toMatch(/default[^]*kube-public[^]*kube-system/);
  await run(namespace, 'create -f -', text(pod('valid-pod')));
  expect(await run(namespace, 'get pod valid-pod --subresource=status')).toContain('valid-pod');
  expect(await refused(namespace, 'get pod valid-pod --subresource=scale')).toContain('the server could not find the requested resource');
  const watched = async (...words: string[]): Promise<string> => (await used().plane.kubectl(['-n', namespace, 'get', ...words, '-w', '--request-timeout=10'], { version: '1.36' })).stdout;
  const [table, yaml] = await Promise.all([watched('pods'), watched('pods/valid-pod', '-o', 'yaml')]);
  expect([table, yaml]).toEqual([expect.stringMatching(/STATUS[^]*valid-pod/), expect.stringContaining('name: valid-pod')]);
  expect(await refused(namespace, 'get pods/invalid-pod -w --request-timeout=60')).toContain('"invalid-pod" not found');
  expect(await run(namespace, 'get pods --sort-by={metadata.name}')).toContain('valid-pod');
  expect(await call(namespace, 'get', 'pods', '--field-selector', 'status.phase!=Failed')).toContain('valid-pod');
});

test('core.sh: patches of a pod, preconditions, owners of fields', async () => {
  const namespace = await used().namespace();
  await run(namespace, 'create -f -', text(pod('valid-pod')));
  // From then on nobody else writes to it: kubectl tells of a change where anything has changed.
  await run(namespace, 'wait --for=condition=Ready pod/valid-pod --timeout=90s');
  expect(await managers(namespace, 'pod/valid-pod')).toContain('kubectl-create');
  const patch = (body: object, ...more: string[]) => ['patch', 'pod', 'valid-pod', '-p', JSON.stringify(body), ...more];
  expect(await refused(namespace, patch({ metadata: { labels: 'invalid' } }))).toContain('cannot restore map from string');
  expect(await call(namespace, ...patch({ metadata: { labels: { name: 'valid-pod' } } }))).toContain('patched (no change)');
  const image = (name: string, version?: string): object => ({ spec: { containers: [{ name: 'kubernetes-serve-hostname', image: name }] }, ...(version ? { metadata: { resourceVersion: version } } : {}) });
  const imageNow = (): Promise<string> => run(namespace, 'get pod valid-pod -o jsonpath={.spec.containers[0].image}');
  await call(namespace, ...patch(image('nginx')));
  await call(namespace, 'patch', 'pod', 'valid-pod', '--type=json', '-p', '[{"op": "replace", "path": "/spec/containers/0/image", "value":"nginx2"}]');
  await call(namespace, ...patch(image('not-nginx'), '--dry-run=server'));
  expect(await imageNow()).toBe('nginx2');
  await call(namespace, 'patch', 'pod', 'valid-pod', '-p', 'spec:\n  containers:\n  - name: kubernetes-serve-hostname\n    image: changed-with-yaml\n');
  expect([await imageNow(), await managers(namespace, 'pod/valid-pod')]).toEqual(['changed-with-yaml', expect.stringContaining('kubectl-patch')]);
  const stale = (await run(namespace, 'get pod valid-pod -o jsonpath={.metadata.resourceVersion}')).replace(/\d$/, (digit) => `${digit}00`);
  expect(await refused(namespace, patch(image('nginx', stale)))).toContain('please apply your changes to the latest version and try again');
  await run(namespace, 'label pods valid-pod emptylabel=');
  await run(namespace, 'annotate pods valid-pod emptyannotation=');
  expect((await managers(namespace, 'pod/valid-pod')).split(' ')).toEqual(expect.arrayContaining(['kubectl-label', 'kubectl-annotate']));
  await run(namespace, 'replace --force -f -', (await run(namespace, 'get pod valid-pod -o json')).replaceAll('"kubernetes-serve-hostname"', '"replaced-k8s-serve-hostname"'));
  expect(await run(namespace, 'get pod valid-pod -o jsonpath={.spec.containers[0].name}')).toBe('replaced-k8s-serve-hostname');
  expect(await refused(namespace, 'delete pods')).toContain('resource(s) were provided, but no name was specified');
});

test('core.sh: version 0 is any version; a number keeps its digits; raw paths', async () => {
  const role = (annotations: object): string => text({ kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'role-v1-test', annotations, resourceVersion: '0' }, rules: [] });
  const annotation = (): Promise<string> => used().kubectl('get clusterrole role-v1-test -o jsonpath={.metadata.annotations.a}');
  await used().kubectl('create -f -', role({}));
  await used().kubectl('replace --dry-run=server -f -', role({ a: 'b' }));
  expect(await annotation()).toBe('');
  await used().kubectl('replace -f -', role({ a: 'b' }));
  expect(await annotation()).toBe('b');

  const namespace = await used().namespace();
  const precise = JSON.stringify(pod('pod-with-precision')).replace('"terminationGracePeriodSeconds":0', '"terminationGracePeriodSeconds":0,"activeDeadlineSeconds":2147483647').replace('"image":"serve_hostname"', '"image":"serve_hostname","securityContext":{"runAsUser":9007199254740993}');
  expect(await refused(namespace, 'create -f -', precise)).toContain('9007199254740993');
  await run(namespace, 'create -f -', precise.replace('9007199254740993', '2147483647'));
  await call(namespace, 'patch', 'pod', 'pod-with-precision', '-p', '{"metadata":{"annotations":{"patchkey":"patchvalue"}}}');
  expect(await run(namespace, 'get pod pod-with-precision -o jsonpath={.spec.containers[0].securityContext.runAsUser}')).toBe('2147483647');

  const map = (data?: object): string => text({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'tester-update-cm' }, ...(data ? { data } : {}) });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await used().kubectl(`create --raw ${path} -f -`, map());
  expect(await used().kubectl(`replace --raw ${path}/tester-update-cm -f -`, map({ key1: 'config1' }))).toContain('"uid"');
  expect(await used().kubectl(`get --raw ${path}/tester-update-cm`)).toContain('config1');
  await used().kubectl(`delete --raw ${path}/tester-update-cm`);
  expect(await refused(namespace, 'get configmap tester-update-cm')).toContain('configmaps "tester-update-cm" not found');
});

test('core.sh: Secrets from text, Services that are written as they were read', async () => {
  const namespace = await used().namespace();
  await run(namespace, 'create -f -', text({ kind: 'Secret', apiVersion: 'v1', metadata: { name: 'secret-string-data' }, data: { k1: 'djE=', k2: '' }, stringData: { k2: 'v2' } }));
  const secret = JSON.parse(await run(namespace, 'get secret secret-string-data -o json'));
  expect([secret.data, secret.stringData]).toEqual([{ k1: 'djE=', k2: 'djI=' }, undefined]);
  await run(namespace, 'create -f -', text({ kind: 'Service', apiVersion: 'v1', metadata: { name: 'service-v1-test', labels: { app: 'redis' } }, spec: { selector: { app: 'redis' }, ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }] } }));
  const service = await run(namespace, 'get service service-v1-test -o json');
  await run(namespace, 'replace -f -', service);
  await run(namespace, `set selector services service-v1-test rvtest1=true --resource-version=${JSON.parse(service).metadata.resourceVersion}`);
  expect(await refused(namespace, 'set selector services service-v1-test rvtest1=true --resource-version=1')).toContain('Conflict');
  expect(await managers(namespace, 'service/service-v1-test')).toContain('kubectl-set');
  await run(namespace, 'delete service service-v1-test');
  await run(namespace, 'create -f -', service);
  expect(JSON.parse(await run(namespace, 'get service service-v1-test -o json')).spec.clusterIP).toBe(JSON.parse(service).spec.clusterIP);
});

test('apply.sh: defaulted fields are cleared, what is immutable is forced, one failure does not stop the others', async () => {
  const namespace = await used().namespace();
  const deployment = (strategy: object, volume: object): string => text({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'test-deployment-retainkeys' }, spec: { ...strategy, selector: { matchLabels: { app: 'c' } }, template: { metadata: { labels: { app: 'c' } }, spec: { containers: [{ name: 'c', image: 'busybox' }], volumes: [{ name: 'cache-volume', ...volume }] } } } });
  await run(namespace, 'apply -f -', deployment({}, {}));
  const read = async () => JSON.parse(await run(namespace, 'get deployment test-deployment-retainkeys -o json'));
  expect((await read()).spec).toMatchObject({ strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }, template: { spec: { volumes: [{ name: 'cache-volume', emptyDir: {} }] } } });
  await run(namespace, 'apply -f -', deployment({ strategy: { type: 'Recreate' } }, { hostPath: { path: '/tmp' } }));
  const { spec } = await read();
  expect([spec.strategy, spec.template.spec.volumes]).toEqual([{ type: 'Recreate' }, [{ name: 'cache-volume', hostPath: { path: '/tmp', type: '' } }]]);

  const service = (clusterIP: string): string => text({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { clusterIP, ports: [{ port: 80 }] } });
  await run(namespace, 'apply -f -', service('10.96.77.11'));
  expect(await refused(namespace, 'apply -f -', service('10.96.77.12'))).toContain('may not change once set');
  await run(namespace, 'apply --force -f -', service('10.96.77.12'));
  expect(await run(namespace, 'get service a -o jsonpath={.spec.clusterIP}')).toBe('10.96.77.12');

  expect(await refused(namespace, 'apply -f -', text(pod('pod-a'), pod('POD-B'), pod('pod-c')))).toContain('The Pod "POD-B" is invalid');
  expect((await run(namespace, 'get pods -o name')).split('\n')).toEqual(expect.arrayContaining(['pod/pod-a', 'pod/pod-c']));
  expect(await refused(namespace, 'apply -f -', text({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'foo' } }, { apiVersion: 'example.com/v1', kind: 'Bogus', metadata: { name: 'foo' } }))).toContain('no matches for kind "Bogus" in version "example.com/v1"');
  await run(namespace, 'get configmap foo');
  expect(await refused('multi-resource-ns', 'apply -f -', text(pod('test-pod')))).toContain('namespaces "multi-resource-ns" not found');
});

test('apply.sh: on the server, from client-side apply and back', async () => {
  const namespace = await used().namespace();
  const body = (name: string): string => text(pod('test-pod', { labels: { name } }));
  await run(namespace, 'apply --server-side --dry-run=server -f -', body('test-pod-label'));
  expect(await refused(namespace, 'get pod test-pod')).toContain('not found');
  await run(namespace, 'apply -f -', body('test-pod-label'));
  expect(await managers(namespace, 'pod/test-pod')).toContain('kubectl-client-side-apply');
  expect(await refused(namespace, 'apply --server-side --field-manager=not-kubectl -f -', body('test-pod-applied'))).toContain('conflict');
  await run(namespace, 'apply --server-side -f -', body('test-pod-applied'));
  expect(await run(namespace, 'apply view-last-applied pod/test-pod -o json')).toContain('"name": "test-pod-applied"');
  await run(namespace, 'apply -f -', body('test-pod-label'));
  const map = (data: object): string => text({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'test' }, data });
  await run(namespace, 'apply -f -', map({ key: 'value', legacy: 'unused' }));
  await run(namespace, 'apply --server-side -f -', map({ key: 'value', legacy: 'unused' }));
  await run(namespace, 'apply --server-side -f -', map({ key: 'value' }));
  expect(JSON.parse(await run(namespace, 'get configmap test -o json')).data).toEqual({ key: 'value' });
});

test('crd.sh: names, printing, patches, labels and apply of custom resources', async () => {
  const namespace = await used().namespace();
  const kind = await makeDefinition(used().caller, { group: 'mygroup.example.com', kind: 'Kind', plural: 'resources', names: { singular: 'resource' }, versions: [defined('v1alpha1')] });
  const foo = await makeDefinition(used().caller, { group: 'company.com', kind: 'Foo' });
  await run(namespace, 'apply --dry-run=server -f -', text({ apiVersion: 'mygroup.example.com/v1alpha1', kind: 'Kind', metadata: { name: 'myobj' } }));
  expect(await refused(namespace, 'get resource/myobj')).toContain('not found');
  await run(namespace, 'create -f -', text({ apiVersion: 'mygroup.example.com/v1alpha1', kind: 'Kind', metadata: { name: 'myobj' } }));
  for (const name of ['resource/myobj', 'resources/myobj', 'kind.mygroup.example.com/myobj']) expect(await run(namespace, `get ${name} -o name`)).toBe('kind.mygroup.example.com/myobj');
  const object = (nested: object): string => text({ apiVersion: 'company.com/v1', kind: 'Foo', metadata: { name: 'test', labels: { pruneGroup: 'true' } }, someField: 'field1', nestedField: nested });
  await run(namespace, 'apply -f -', object({ someSubfield: 'subfield1', otherSubfield: 'subfield2' }));
  for (const name of ['foo', 'foos.company.com', 'foos.v1.company.com']) expect(namesOf(JSON.parse(await run(namespace, `get ${name} -o json`)))).toEqual(['test']);
  const patched = (): Promise<string> => run(namespace, 'get foos/test -o jsonpath={.patched}');
  await call(namespace, 'patch', 'foos/test', '-p', '{"patched":"value1"}', '--type=merge');
  expect(await patched()).toBe('value1');
  await call(namespace, 'patch', 'foos/test', '-p', '{"patched":null}', '--type=merge');
  expect(await patched()).toBe('');
  expect(await refused(namespace, ['patch', 'foos/test', '-p', '{"patched":"value3"}', '--type=strategic'])).toMatch(/application\/strategic-merge-patch\+json is not supported|UnsupportedMediaType/);
  await run(namespace, 'label foos --all listlabel=true');
  await run(namespace, 'annotate foo/test itemannotation=true');
  expect(await run(namespace, 'describe foos')).toMatch(/listlabel=true[^]*itemannotation: true/);
  await run(namespace, 'apply -f -', object({ someSubfield: 'modifiedSubfield', newSubfield: 'subfield3' }));
  expect(JSON.parse(await run(namespace, 'get foos/test -o json')).nestedField).toEqual({ someSubfield: 'modifiedSubfield', newSubfield: 'subfield3' });
  await run(namespace, 'delete foos test --cascade=orphan');
  for (const made of [kind, foo]) await made.remove();
});

test('rbac.sh: roles from commands, which the server says what they may name', async () => {
  const namespace = await used().namespace();
  await used().kubectl('create clusterrole url-reader --verb=get --non-resource-url=/logs/* --non-resource-url=/healthz/*');
  expect(JSON.parse(await used().kubectl('get clusterrole url-reader -o json')).rules).toEqual([{ nonResourceURLs: ['/logs/*', '/healthz/*'], verbs: ['get'] }]);
  await used().kubectl('create clusterrole aggregation-reader --aggregation-rule=foo1=foo2');
  await run(namespace, 'create role group-subresource-reader --verb=get,list --resource=replicasets.apps/scale');
  expect(JSON.parse(await run(namespace, 'get role group-subresource-reader -o json')).rules).toEqual([{ apiGroups: ['apps'], resources: ['replicasets/scale'], verbs: ['get', 'list'] }]);
  expect(await refused(namespace, 'create role invalid-pod-admin --verb=* --resource=invalid-resource')).toContain('the server doesn\'t have a resource type "invalid-resource"');
  expect(await refused(namespace, 'create role invalid-group --verb=get,list --resource=deployments.invalid-group')).toContain('the server doesn\'t have a resource type "deployments" in group "invalid-group"');
  await run(namespace, 'create rolebinding sarole --role=localrole --serviceaccount=otherns:sa-name');
  await run(namespace, 'set subject rolebinding sarole --serviceaccount=otherfoo:foo');
  expect(JSON.parse(await run(namespace, 'get rolebinding sarole -o json')).subjects.map((subject: { namespace: string; name: string }) => `${subject.namespace}:${subject.name}`)).toEqual(['otherns:sa-name', 'otherfoo:foo']);
});

test('delete.sh: of all namespaces, first only tried', async () => {
  const namespaces = [await used().namespace(), await used().namespace()];
  for (const namespace of namespaces) {
    await run(namespace, 'create configmap one');
    await run(namespace, 'label configmap one deletetest=true');
  }
  const left = async (): Promise<string> => used().kubectl('get configmap -A -l deletetest=true --no-headers');
  await used().kubectl('delete configmap --dry-run=server -l deletetest=true --all-namespaces');
  expect((await left()).split('\n')).toHaveLength(2);
  await used().kubectl('delete configmap -l deletetest=true --all-namespaces');
  expect(await left()).toBe('');
});

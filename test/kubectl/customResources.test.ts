import { eventually } from '../rig/controlPlane.ts';
import { KUBECTL_VERSIONS, type KubectlVersion } from '../rig/kubectl.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all, timers]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.labelSelector}
    additionalPrinterColumns:
    - {name: Spec, type: string, description: The cron spec, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Image, type: string, priority: 1, jsonPath: .spec.image}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    selectableFields: [{jsonPath: .spec.image}]
    schema:
      openAPIV3Schema:
        description: CronTab runs something now and then.
        type: object
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: {type: string, description: When it runs., pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'}
              image: {type: string}
              replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
              port: {x-kubernetes-int-or-string: true}
          status:
            type: object
            properties: {replicas: {type: integer}, labelSelector: {type: string}}
`;
const CRONTAB = (name: string, more = ''): string => `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: ${name}}
spec: {cronSpec: "* * * * */5", image: img${more}}
`;

const established = (): Promise<string> => run('wait --for=condition=Established crd/crontabs.stable.example.com --timeout=90s');

test('a definition is applied, explained, and lists its objects by its columns', async () => {
  expect(await run('apply -f -', CRD)).toBe('customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created');
  await established();
  expect(await run('get crontabs')).toBe('');
  for (const version of KUBECTL_VERSIONS) {
    const made = await cluster().kubectl(['apply', '-f', '-'], { version, input: CRONTAB(`with-${version.replace('.', '-')}`) });
    expect([version, made.stdout.trim(), made.stderr]).toEqual([version, `crontab.stable.example.com/with-${version.replace('.', '-')} created`, '']);
  }
  const [head, ...rows] = (await run('get ct')).split('\n');
  expect(head?.split(/\s{2,}/)).toEqual(['NAME', 'SPEC', 'REPLICAS', 'AGE']);
  expect(rows.map((row) => row.split(/\s{2,}/).slice(0, 3))).toEqual(['with-1-20', 'with-1-32', 'with-1-36'].map((name) => [name, '* * * * */5', '1']));
  expect(await run('get ct -o wide')).toContain('IMAGE');
  expect(await run('get timers -o name')).toContain('crontab.stable.example.com/with-1-20');
  expect(await run('get ct --field-selector spec.image=other')).toBe('');
  for (const version of ['1.20', '1.32', '1.36'] as const satisfies readonly KubectlVersion[]) {
    const { stdout } = await cluster().kubectl(['explain', 'crontab.spec.cronSpec'], { version });
    expect([version, stdout]).toEqual([version, expect.stringContaining('When it runs.')]);
  }
  expect(await run('explain crontab --recursive')).toMatch(/replicas\s+<integer>/);
  expect(await run('api-resources --api-group=stable.example.com -o wide')).toMatch(/crontabs\s+ct\s+stable\.example\.com\/v1\s+true\s+CronTab\s+delete,deletecollection,get,list,patch,create,update,watch\s+all,timers/);
});

test('it is scaled, edited, labelled and described', async () => {
  expect(await run('scale ct/with-1-32 --replicas=3')).toBe('crontab.stable.example.com/with-1-32 scaled');
  expect(await run('get ct with-1-32 -o jsonpath={.spec.replicas}')).toBe('3');
  expect(await run('apply -f -', CRONTAB('with-1-32', ', port: 80%'))).toBe('crontab.stable.example.com/with-1-32 configured');
  expect(await run('get ct with-1-32 -o jsonpath={.spec.port}/{.spec.replicas}/{.metadata.generation}')).toBe('80%/3/3');
  expect(await run('label ct with-1-32 a=b')).toBe('crontab.stable.example.com/with-1-32 labeled');
  expect(await run('get ct -l a=b -o name')).toBe('crontab.stable.example.com/with-1-32');
  expect(await run('describe ct with-1-32')).toMatch(/Cron Spec:\s+\* \* \* \* \*\/5/);
});

test('what does not fit is refused in the words of Kubernetes', async () => {
  const refused = (words: string, input?: string): Promise<string> => cluster().refused(words, input);
  expect(await refused('create --validate=false -f -', 'apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: bad}\nspec: {cronSpec: "* * * *", replicas: 15}\n')).toBe(
    'The CronTab "bad" is invalid: \n* spec.cronSpec: Invalid value: "* * * *": spec.cronSpec in body should match \'^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$\'\n* spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10',
  );
  expect(await refused('create -f -', 'apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: bad}\nspec: {image: a}\n')).toBe('The CronTab "bad" is invalid: spec.cronSpec: Required value');
  expect(await refused('create --validate=strict -f -', CRONTAB('bad', ', unknown: 1'))).toContain('strict decoding error: unknown field "spec.unknown"');
  expect((await cluster().kubectl(['create', '--validate=warn', '-f', '-'], { input: CRONTAB('warned', ', unknown: 1') })).stderr).toContain('Warning: unknown field "spec.unknown"');
  expect(await refused('patch ct warned --type=strategic -p {}')).toContain('the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json');
  expect(await refused('create -f -', CRD.replace('name: crontabs.', 'name: tabs.'))).toBe('The CustomResourceDefinition "tabs.stable.example.com" is invalid: metadata.name: Invalid value: "tabs.stable.example.com": must be spec.names.plural+"."+spec.group');
  expect(await refused('create -f -', CRD.replace(/crontabs/g, 'tabs').replace('type: object\n            required', 'required'))).toBe(
    'The CustomResourceDefinition "tabs.stable.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
  );
});

test('objects belong to owners, namespaces, quotas and roles as any other', async () => {
  await run('create namespace tabs');
  await run('create quota tabs -n tabs --hard=count/crontabs.stable.example.com=2');
  await run('apply -n tabs -f -', CRONTAB('owner'));
  const uid = await run('get ct owner -n tabs -o jsonpath={.metadata.uid}');
  await run('apply -n tabs -f -', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned, ownerReferences: [{apiVersion: stable.example.com/v1, kind: CronTab, name: owner, uid: ${uid}}]}\n`);
  await run('apply -n tabs -f -', CRONTAB('second'));
  await eventually('the quota counts', async () => ((await run('get quota tabs -n tabs -o jsonpath={.status.used}')).includes('"2"') ? true : undefined));
  expect(await cluster().refused('apply -n tabs -f -', CRONTAB('third'))).toContain('exceeded quota: tabs, requested: count/crontabs.stable.example.com=1, used: count/crontabs.stable.example.com=2, limited: count/crontabs.stable.example.com=2');
  await run('apply -f -', 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: tabs, labels: {rbac.authorization.k8s.io/aggregate-to-edit: "true"}}\nrules: [{apiGroups: [stable.example.com], resources: [crontabs], verbs: ["*"]}]\n');
  await run('create rolebinding jane -n tabs --clusterrole=edit --user=jane');
  await eventually('jane may', async () => ((await cluster().kubectl('auth can-i create crontabs -n tabs --as=jane'.split(' '))).stdout.trim() === 'yes' ? true : undefined));
  await run('delete ct owner -n tabs');
  await eventually('what it owned is collected', async () => ((await cluster().kubectl('get cm owned -n tabs'.split(' '))).code === 0 ? undefined : true), 40);
  await run('delete namespace tabs --timeout=90s');
  expect(await run('get ct -A -o name')).not.toContain('second');
});

test('the definition is deleted with its objects', async () => {
  expect(await run('delete crd crontabs.stable.example.com --timeout=90s')).toBe('customresourcedefinition.apiextensions.k8s.io "crontabs.stable.example.com" deleted');
  expect(await cluster().refused('get crontabs')).toContain('the server could not find the requested resource');
  await run('apply -f -', CRD);
  await established();
  expect(await run('get ct -A')).toBe('');
});

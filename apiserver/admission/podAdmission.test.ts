import type { V1PodSpec, V1RuntimeClass, V1ServiceAccount } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { defaultClass } from './defaultClasses.ts';
import { whyNotResize } from './podResizeValidator.ts';
import { applyRuntimeClass, whyNotRuntimeClass } from './runtimeClass.ts';
import { limitsSecrets, whyEphemeralSecretsForbidden, whySecretsForbidden } from './secretReferences.ts';
import { areAllowed, mergeTolerations } from './tolerations.ts';
import { parseAdmissionConfiguration } from './configurationFile.ts';

const meta = (name: string, annotations: Record<string, string> = {}, creationTimestamp = '2026-01-01T00:00:00Z') => ({ name, namespace: 'n', uid: name, resourceVersion: '1', creationTimestamp, annotations });

describe('RuntimeClass', () => {
  const gvisor: V1RuntimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: meta('g'), handler: 'runsc', overhead: { podFixed: { cpu: '250m' } }, scheduling: { nodeSelector: { runtime: 'gvisor' }, tolerations: [{ key: 'gvisor', operator: 'Exists' }] } };

  test('gives its overhead and its nodes', () => {
    const spec: V1PodSpec = { containers: [], nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'gvisor', operator: 'Equal', value: 'x' }] };
    expect(whyNotRuntimeClass(spec, gvisor)).toBeUndefined();
    applyRuntimeClass(spec, gvisor);
    expect(spec).toEqual({ containers: [], overhead: { cpu: '250m' }, nodeSelector: { disk: 'ssd', runtime: 'gvisor' }, tolerations: [{ key: 'gvisor', operator: 'Exists' }] });
  });

  test('refuses what contradicts it', () => {
    expect(whyNotRuntimeClass({ containers: [], overhead: { cpu: '1' } }, gvisor)).toBe("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    expect(whyNotRuntimeClass({ containers: [], overhead: { cpu: '0.25' } }, gvisor)).toBeUndefined();
    expect(whyNotRuntimeClass({ containers: [], nodeSelector: { runtime: 'x' } }, gvisor)).toBe('conflict: runtimeClass.scheduling.nodeSelector[runtime] = gvisor; pod.spec.nodeSelector[runtime] = x');
  });
});

test('a toleration that another one covers is left out', () => {
  const wide = { operator: 'Exists' };
  const narrow = { key: 'a', operator: 'Equal', value: 'b', effect: 'NoSchedule' };
  expect(mergeTolerations([narrow], [wide])).toEqual([wide]);
  expect(mergeTolerations([narrow], [{ ...narrow, value: 'c' }])).toHaveLength(2);
  expect(mergeTolerations([{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }], [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }])).toEqual([{ key: 'a', operator: 'Exists', effect: 'NoExecute' }]);
  // Each is compared with few of them.
  expect(mergeTolerations(Array.from({ length: 50_000 }, (_, at) => ({ key: `k${at}` })), [{ ...wide, key: 'k7' }])).toHaveLength(50_000);
  expect(areAllowed([narrow], [])).toBe(true);
  expect(areAllowed([wide], [narrow])).toBe(false);
});

test('the newest of the default classes counts', () => {
  const of = (name: string, value: string, created: string): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: meta(name, { default: value }, created) });
  expect(defaultClass([], ['default'])).toBeUndefined();
  expect(defaultClass([of('old', 'true', '2026-01-01T00:00:00Z'), of('b', 'true', '2026-02-01T00:00:00Z'), of('a', 'true', '2026-02-01T00:00:00Z'), of('no', 'false', '2026-03-01T00:00:00Z')], ['default'])).toBe('a');
});

describe('an account that limits its secrets', () => {
  const account: V1ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('sa', { 'kubernetes.io/enforce-mountable-secrets': 'true' }), secrets: [{ name: 'own' }], imagePullSecrets: [{ name: 'pull' }] };
  const of = (spec: Partial<V1PodSpec>): string | undefined => whySecretsForbidden(account, { containers: [], ...spec });
  const env = (name: string) => [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }];

  test('says so by an annotation', () => {
    expect(limitsSecrets(account)).toBe(true);
    expect(limitsSecrets({ ...account, metadata: meta('sa') })).toBe(false);
  });

  test.each<[string, Partial<V1PodSpec>, string | undefined]>([
    ['its own', { volumes: [{ name: 'v', secret: { secretName: 'own' } }], containers: [{ name: 'c', env: env('own') }], imagePullSecrets: [{ name: 'pull' }] }, undefined],
    ['a volume', { volumes: [{ name: 'v', secret: { secretName: 'x' } }] }, 'volume with secret.secretName="x" is not allowed because service account sa does not reference that secret'],
    ['an init container', { initContainers: [{ name: 'i', env: env('x') }] }, 'init container i with envVar E referencing secret.secretName="x" is not allowed because service account sa does not reference that secret'],
    ['envFrom', { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'x' } }] }] }, 'container c with envFrom referencing secret.secretName="x" is not allowed because service account sa does not reference that secret'],
    ['a pull secret', { imagePullSecrets: [{ name: 'pull' }, { name: 'x' }] }, 'imagePullSecrets[1].name="x" is not allowed because service account sa does not reference that imagePullSecret'],
  ])('%s', (_, spec, why) => {
    expect(of(spec)).toBe(why);
  });

  test('holds for containers that are added, too', () => {
    expect(whyEphemeralSecretsForbidden(account, { containers: [], ephemeralContainers: [{ name: 'e', env: env('x') }] })).toBe('ephemeral container e with envVar E referencing secret.secretName="x" is not allowed because service account sa does not reference that secret');
  });
});

test('a pod grows as far as its node has room', () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { ...meta('n'), labels: { 'kubernetes.io/os': 'linux' } }, status: { allocatable: { cpu: '2', memory: '1Gi' } } };
  const asking = (cpu: string, memory: string): V1PodSpec => ({ containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] });
  expect(whyNotResize(asking('2', '1Gi'), node)).toBeUndefined();
  expect(whyNotResize(asking('2500m', '2Gi'), node)).toBe("Node didn't have enough allocatable resources: cpu, requested: 2500, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824");
  expect(whyNotResize(asking('1', '1Gi'), { ...node, metadata: meta('n') })).toBe('pod resize is only supported on linux nodes, node "n" is ""');
});

describe('the configuration file', () => {
  const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n';

  test('carries configurations, or names their files', () => {
    const read = parseAdmissionConfiguration(`${HEAD}plugins:\n- name: PodSecurity\n  configuration: {kind: X}\n- name: ResourceQuota\n  path: quota.yaml\n`, (path) => `from: ${path}\n`);
    expect([...read]).toEqual([['PodSecurity', { kind: 'X' }], ['ResourceQuota', { from: 'quota.yaml' }]]);
  });

  test.each([
    ['kind: X\n', "Object 'apiVersion' is missing in 'kind: X"],
    [`${HEAD}plugins: [{path: 7}]\n`, 'json: cannot unmarshal number into Go struct field AdmissionPluginConfiguration.plugins.path of type string'],
    [`${HEAD}plugin: []\n`, 'unknown field "plugin"'],
    ['{', "couldn't get version/kind; json parse error: unexpected end of JSON input"],
  ])('%j is refused', (text, message) => {
    expect(() => parseAdmissionConfiguration(text, () => '')).toThrow(message);
  });
});

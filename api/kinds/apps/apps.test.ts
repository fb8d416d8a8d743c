import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { controllerRevision } from './controllerRevision.ts';
import { daemonSet } from './daemonSet.ts';
import { deployment } from './deployment.ts';
import { replicaSet } from './replicaSet.ts';
import { statefulSet } from './statefulSet.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
const selector = { matchLabels: { app: 'web' } };

function workload(definition: ResourceDefinition, spec: object): KubeObject & { spec: Record<string, unknown> } {
  const object = { apiVersion: 'apps/v1', kind: definition.kind, metadata: { ...metadata }, spec: structuredClone(spec) };
  definition.setDefaults?.(object);
  return object as unknown as KubeObject & { spec: Record<string, unknown> };
}

const errorsOf = (definition: ResourceDefinition, spec: object): string[] => (definition.validate?.(workload(definition, spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);
const updateErrors = (definition: ResourceDefinition, spec: object, previous: object): string[] =>
  (definition.validateUpdate?.(workload(definition, spec), workload(definition, previous)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('deployment', () => {
  it('gets defaults', () => {
    expect(workload(deployment, { selector, template }).spec).toMatchObject({
      replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30 } },
    });
    expect(workload(deployment, { selector, template, strategy: { type: 'Recreate' } }).spec.strategy).toEqual({ type: 'Recreate' });
  });
  it.each<[object, string[]]>([
    [{ selector, template }, []],
    [{ template }, ['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`']],
    [{ selector: { matchExpressions: [{ key: 'a', operator: 'In' }] }, template: {} }, [
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'", 'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector',
    ]],
    [{ selector: {}, template }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    [{ selector: { matchLabels: { app: 'x' } }, template }, ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`']],
    [{ selector, template, replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [{ selector, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }, ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
    [{ selector, template, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0']],
    [{ selector, template, strategy: { rollingUpdate: { maxSurge: 'x' } } }, ["spec.strategy.rollingUpdate.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"]],
    [{ selector, template, strategy: { type: 'Recreate', rollingUpdate: {} } }, ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]],
    [{ selector, template, minReadySeconds: 600 }, ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds']],
  ])('%j', (spec, messages) => {
    expect(errorsOf(deployment, spec)).toEqual(messages);
  });
  it('keeps its selector', () => {
    expect(updateErrors(deployment, { selector: { matchLabels: { app: 'x' } }, template }, { selector, template })).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable']);
  });
  it('shows itself', () => {
    const object = { ...workload(deployment, { selector, template, replicas: 3 }), status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 } };
    expect(deployment.columns?.map((each) => each.value(object, Date.parse('2026-01-01T01:00:00Z')))).toEqual(['2/3', 3, 1, '60m', 'c', 'nginx:1', 'app=web']);
  });
});

describe('the other workloads', () => {
  it('get defaults', () => {
    expect(workload(statefulSet, { selector, template, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }] }).spec).toMatchObject({
      podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' }, replicas: 1,
      volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }],
    });
    expect(workload(daemonSet, { selector, template }).spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
    for (const definition of [statefulSet, daemonSet, replicaSet]) expect(errorsOf(definition, { selector, template })).toEqual([]);
    const mounting = { ...template, spec: { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'd', mountPath: '/d' }] }] } };
    expect(errorsOf(statefulSet, { selector, template: mounting, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }] })).toEqual([]);
    expect(errorsOf(statefulSet, { selector, template: mounting })).toEqual([expect.stringContaining('spec.template.spec.containers[0].volumeMounts[0].name: Not found: "d"')]);
  });
  it('count the templates of a daemon set', () => {
    const set = workload(daemonSet, { selector, template });
    daemonSet.prepareForCreate?.(set);
    expect(set.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
    const same = workload(daemonSet, { selector, template, minReadySeconds: 5 });
    daemonSet.prepareForUpdate?.(same, set);
    expect(same.metadata.annotations).toEqual(set.metadata.annotations);
    const other = workload(daemonSet, { selector, template: { ...template, spec: { ...template.spec, hostNetwork: true } } });
    daemonSet.prepareForUpdate?.(other, set);
    expect(other.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '2' });
  });
  it('refuse what cannot be', () => {
    expect(errorsOf(daemonSet, { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } })).toEqual(['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0']);
    expect(errorsOf(replicaSet, { template })).toEqual(['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`']);
    expect(errorsOf(daemonSet, { template })).toEqual(['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`']);
    expect(errorsOf(daemonSet, { selector, template, updateStrategy: { type: 'Odd' } })).toEqual(['spec.updateStrategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"']);
    expect(errorsOf(deployment, { selector, template, strategy: { type: 'Odd' } })).toEqual(['spec.strategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"']);
    expect(errorsOf(statefulSet, { selector, template, podManagementPolicy: 'Odd', updateStrategy: { type: 'Odd' } })).toEqual([
      'spec.podManagementPolicy: Invalid value: "Odd": must be \'OrderedReady\' or \'Parallel\'', 'spec.updateStrategy: Invalid value: {"Type":"Odd","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
    ]);
    expect(statefulSet.validateName?.('a.b')).toHaveLength(1);
    expect(errorsOf(statefulSet, { template })).toEqual(['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`']);
    const odd = { matchLabels: { 'a b': 'c' } };
    const ofKey = expect.stringMatching(/^spec\.selector\.matchLabels: Invalid value: "a b": name part must consist of/) as string;
    expect(errorsOf(statefulSet, { selector: odd, template: { spec: { restartPolicy: 'Never' } } })).toEqual([ofKey, 'spec.selector: Invalid value: {"matchLabels":{"a b":"c"}}', 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']);
    expect(errorsOf(daemonSet, { selector: odd, template })).toEqual([ofKey]);
    const unmade = workload(statefulSet, { selector, template, serviceName: 'a.b', volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'] } }] });
    expect(statefulSet.validateCreate?.(unmade).map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value', 'spec.serviceName: Invalid value: "a.b": must not contain dots',
    ]);
    const revision = (data: unknown): string[] => (controllerRevision.validateCreate?.({ ...unmade, data } as never) ?? []).map(({ field, message }) => `${field}: ${message}`);
    expect(revision({})).toEqual([]);
    for (const data of [true, 0, 0.5, [], 'x']) expect(revision(data)).toEqual(['data: Required value: data must be a valid JSON object']);
    expect(updateErrors(statefulSet, { selector, template, serviceName: 'b' }, { selector, template, serviceName: 'a' })).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
    expect(updateErrors(statefulSet, { selector, template, replicas: 3 }, { selector, template })).toEqual([]);
  });
});

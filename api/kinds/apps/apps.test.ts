import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { daemonSet } from './daemonSet.ts';
import { deployment } from './deployment.ts';
import { replicaSet } from './replicaSet.ts';
import { statefulSet } from './statefulSet.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
const selector = { matchLabels: { app: 'web' } };

function workload(definition: ResourceDefinition, spec: object): KubeObject & { spec: Record<string, unknown> } {
  const object = { apiVersion: 'apps/v1', kind: definition.kind, metadata, spec: structuredClone(spec) };
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
    [{ template }, ['spec.selector: Required value']],
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
  it('refuse what cannot be', () => {
    expect(errorsOf(daemonSet, { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } })).toEqual(['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0']);
    expect(errorsOf(replicaSet, { template })).toEqual(['spec.selector: Required value']);
    expect(updateErrors(statefulSet, { selector, template, serviceName: 'b' }, { selector, template, serviceName: 'a' })).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
    expect(updateErrors(statefulSet, { selector, template, replicas: 3 }, { selector, template })).toEqual([]);
  });
});

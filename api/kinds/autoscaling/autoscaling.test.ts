import type { V1HorizontalPodAutoscaler, V2HorizontalPodAutoscaler, V2HorizontalPodAutoscalerSpec } from '../../generated/types.ts';
import { autoscalerToV1, autoscalerToV2 } from './convertAutoscaler.ts';
import { horizontalPodAutoscaler } from './horizontalPodAutoscaler.ts';
import { horizontalPodAutoscalerV1 } from './horizontalPodAutoscalerV1.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NOW = Date.parse('2026-01-01T00:01:00Z');
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const perPod = { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } };

function autoscaler(spec: Partial<V2HorizontalPodAutoscalerSpec>): V2HorizontalPodAutoscaler {
  const object: V2HorizontalPodAutoscaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec: structuredClone({ scaleTargetRef, maxReplicas: 5, ...spec }) };
  horizontalPodAutoscaler.setDefaults?.(object);
  return object;
}

const errorsOf = (spec: Partial<V2HorizontalPodAutoscalerSpec>): string[] => (horizontalPodAutoscaler.validate?.(autoscaler(spec)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('autoscaling/v2', () => {
  it('gets defaults', () => {
    expect(autoscaler({ behavior: { scaleUp: { selectPolicy: 'Min' } } }).spec).toMatchObject({
      minReplicas: 1,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
      behavior: {
        scaleUp: { selectPolicy: 'Min', stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] },
        scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
      },
    });
  });
  it.each<[Partial<V2HorizontalPodAutoscalerSpec>, string[]]>([
    [{}, []],
    [{ metrics: [perPod] }, []],
    [{ minReplicas: 0 }, ['spec.minReplicas: Invalid value: 0: must be greater than or equal to 1']],
    [{ minReplicas: 6 }, ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`']],
    [{ maxReplicas: 0 }, ['spec.maxReplicas: Invalid value: 0: must be greater than 0', 'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`']],
    [{ scaleTargetRef: { kind: '', name: '' } }, ['spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value']],
    [{ metrics: [{ type: 'Pods' }] }, ['spec.metrics[0].pods: Required value: must populate information for the given metric source']],
    [{ metrics: [{ ...perPod, type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } } }] }, ['spec.metrics[0].pods: Forbidden: must populate the given metric source only']],
    [{ metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }] }, ['spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization']],
    [{ behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } }, ['spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600']],
  ])('%j', (spec, messages) => {
    expect(errorsOf(spec)).toEqual(messages);
  });
  it('shows itself', () => {
    const object = { ...autoscaler({ metrics: [...(autoscaler({}).spec?.metrics ?? []), perPod, perPod] }), status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }] } };
    expect(horizontalPodAutoscaler.columns?.map((each) => each.value(object, NOW))).toEqual(['Deployment/web', 'cpu: 12%/80%, <unknown>/10 + 1 more...', '1', 5, 2, '60s']);
  });
});

describe('autoscaling/v1', () => {
  const old: V1HorizontalPodAutoscaler = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata, spec: { scaleTargetRef, maxReplicas: 5, minReplicas: 1, targetCPUUtilizationPercentage: 50 } };
  it('is stored as v2', () => {
    expect(autoscalerToV2(old).spec?.metrics).toEqual([{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }]);
    expect(autoscalerToV1(autoscalerToV2(old))).toEqual(old);
  });
  it('aims at 80 % where it says nothing', () => {
    const object: V1HorizontalPodAutoscaler = { ...old, spec: { scaleTargetRef, maxReplicas: 5 } };
    horizontalPodAutoscalerV1.setDefaults?.(object);
    expect(horizontalPodAutoscalerV1.convert?.toStorage(object)).toMatchObject({ apiVersion: 'autoscaling/v2', spec: { metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 80 } } }] } });
  });
  it('keeps in annotations what it has no fields for', () => {
    const full: V2HorizontalPodAutoscaler = {
      ...autoscaler({
        behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
        metrics: [
          perPod,
          { type: 'Object', object: { describedObject: scaleTargetRef, metric: { name: 'm' }, target: { type: 'Value', value: '3' } } },
          { type: 'Object', object: { describedObject: scaleTargetRef, metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '3' } } },
          { type: 'External', external: { metric: { name: 'q', selector: { matchLabels: { a: 'b' } } }, target: { type: 'AverageValue', averageValue: '3' } } },
          { type: 'ContainerResource', containerResource: { name: 'memory', container: 'c', target: { type: 'AverageValue', averageValue: '1Gi' } } },
        ],
      }),
      status: { currentReplicas: 1, desiredReplicas: 2, currentMetrics: [{ type: 'Pods', pods: { metric: { name: 'requests' }, current: { averageValue: '7' } } }], conditions: [{ type: 'AbleToScale', status: 'True' }] },
    };
    const seen = autoscalerToV1(full);
    expect(Object.keys(seen.metadata.annotations ?? {}).sort()).toEqual(['behavior', 'conditions', 'current-metrics', 'metrics'].map((each) => `autoscaling.alpha.kubernetes.io/${each}`));
    expect(autoscalerToV2(seen)).toEqual(full);
  });
  it('is read in spite of annotations that are no JSON', () => {
    expect(autoscalerToV2({ ...old, metadata: { ...metadata, annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{' } } })).toEqual(autoscalerToV2(old));
  });
  it('is validated as v2', () => {
    expect(horizontalPodAutoscalerV1.validate?.({ ...old, spec: { scaleTargetRef, maxReplicas: 5, minReplicas: 1, targetCPUUtilizationPercentage: 0 } } as V1HorizontalPodAutoscaler).map(({ field }) => field)).toEqual(['spec.metrics[0].resource.target.averageUtilization']);
    expect(horizontalPodAutoscalerV1.columns?.map((each) => each.value(old, NOW)).slice(0, 2)).toEqual(['Deployment/web', 'cpu: <unknown>/50%']);
  });
});

describe('autoscalers', () => {
  it('keep everything from one version to the other and back', () => {
    const object: V2HorizontalPodAutoscaler = {
      apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata,
      spec: {
        scaleTargetRef, minReplicas: 1, maxReplicas: 5, behavior: { scaleDown: { selectPolicy: 'Disabled' } },
        metrics: [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }, { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
      },
      status: { desiredReplicas: 2, currentReplicas: 1, conditions: [{ type: 'AbleToScale', status: 'True' }] },
    };
    const older = autoscalerToV1(object);
    expect(older.spec).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 70 });
    expect(autoscalerToV2(older)).toEqual({ ...object, status: { ...object.status, currentMetrics: null } });
  });
  it('read an annotation that is not theirs as nothing', () => {
    const object: V1HorizontalPodAutoscaler = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { ...metadata, annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{' } }, spec: { scaleTargetRef, maxReplicas: 5 } };
    expect(autoscalerToV2(object).spec).toEqual({ scaleTargetRef, maxReplicas: 5 });
  });
  it('show themselves, and refuse an empty range', () => {
    const object: V2HorizontalPodAutoscaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec: { scaleTargetRef, maxReplicas: 0 } };
    horizontalPodAutoscaler.setDefaults?.(object);
    expect(horizontalPodAutoscaler.columns?.slice(0, 5).map((each) => each.value(object, 0))).toEqual(['Deployment/web', 'cpu: <unknown>/80%', '1', 0, 0]);
    expect(horizontalPodAutoscaler.validate?.(object).map((each) => each.message)).toEqual(['Invalid value: 0: must be greater than 0', 'Invalid value: 0: must be greater than or equal to `minReplicas`']);
  });
});

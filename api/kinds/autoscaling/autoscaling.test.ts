import type { V1HorizontalPodAutoscaler, V2HorizontalPodAutoscaler } from '../../generated/types.ts';
import { autoscalerToV1, autoscalerToV2 } from './convertAutoscaler.ts';
import { horizontalPodAutoscaler } from './horizontalPodAutoscaler.ts';

const metadata = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

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
    expect(autoscalerToV2(older)).toEqual(object);
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

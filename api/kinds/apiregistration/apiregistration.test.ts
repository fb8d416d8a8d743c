import type { V1APIService, V1APIServiceSpec } from '../../generated/types.ts';
import { apiService } from './apiService.ts';

const spec: V1APIServiceSpec = { group: 'metrics.k8s.io', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, service: { name: 's', namespace: 'n' } };

function serviceOf(more: Partial<V1APIServiceSpec>): V1APIService {
  const object: V1APIService = {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', spec: structuredClone({ ...spec, ...more }),
    metadata: { name: 'v1.metrics.k8s.io', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  };
  apiService.setDefaults?.(object);
  return object;
}

const errorsOf = (more: Partial<V1APIServiceSpec>): string[] => (apiService.validate?.(serviceOf(more)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('API service', () => {
  it('is named for what it serves', () => {
    expect(errorsOf({})).toEqual([]);
    expect(errorsOf({ version: 'v2' })).toEqual(['metadata.name: Invalid value: "v1.metrics.k8s.io": must be `spec.version+"."+spec.group`: "v2.metrics.k8s.io"']);
    expect(errorsOf({ groupPriorityMinimum: 0 })).toEqual(['spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000']);
    expect(errorsOf({ insecureSkipTLSVerify: true, caBundle: 'eA==' })).toEqual(['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present']);
  });
  it('shows itself', () => {
    const object = { ...serviceOf({}), status: { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] } };
    expect(apiService.columns?.map((each) => each.value(object, Date.parse('2026-01-01T00:01:00Z')))).toEqual(['n/s', 'False (MissingEndpoints)', '60s']);
  });
});

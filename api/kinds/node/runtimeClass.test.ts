import type { V1RuntimeClass } from '../../generated/types.ts';
import { runtimeClass } from './runtimeClass.ts';

const classOf = (more: Partial<V1RuntimeClass>): V1RuntimeClass => ({
  apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'runsc', metadata: { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, ...more,
});
const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('runtime class', () => {
  it('has a handler, for good', () => {
    expect(texts(runtimeClass.validate?.(classOf({ overhead: { podFixed: { memory: '10Mi' } }, scheduling: { tolerations: [{ key: 'a', operator: 'Exists' }] } })))).toEqual([]);
    expect(texts(runtimeClass.validate?.(classOf({ handler: '' })))).toEqual(['handler: Required value']);
    expect(texts(runtimeClass.validate?.(classOf({ overhead: { podFixed: { memory: '-1' } } })))).toEqual(['overhead.limits[memory]: Invalid value: "-1": must be greater than or equal to 0']);
    expect(texts(runtimeClass.validateUpdate?.(classOf({ handler: 'kata' }), classOf({})))).toEqual(['handler: Invalid value: "kata": field is immutable']);
  });
});

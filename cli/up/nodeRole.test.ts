import type { V1Node } from '../../api/generated/types.ts';
import { ANNOTATION_TAINT_PENDING, LABEL_CONTROL_PLANE } from '../../api/wellKnown.ts';
import { taintPatch } from './nodeRole.ts';

const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const meta = (name: string) => ({ name, uid: name, resourceVersion: '7', creationTimestamp: '2030-01-01T00:00:00Z' });
const plane = (annotations: Record<string, string>, taints?: { key: string; effect: string }[]): V1Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...meta('one'), labels: { [LABEL_CONTROL_PLANE]: '' }, annotations },
  spec: taints ? { taints } : {},
  status: ready,
});
const worker: V1Node = { apiVersion: 'v1', kind: 'Node', metadata: meta('two'), spec: {}, status: ready };
const pending = plane({ [ANNOTATION_TAINT_PENDING]: 'true' }, [{ key: 'own', effect: 'NoExecute' }]);

test('a control plane stops taking pods when another machine takes them, and only then', () => {
  expect(taintPatch(pending, [pending])).toBeUndefined();
  expect(taintPatch(pending, [pending, { ...worker, status: {} }])).toBeUndefined();
  expect(taintPatch(pending, [pending, { ...worker, spec: { unschedulable: true } }])).toBeUndefined();
  expect(taintPatch(pending, [pending, worker])).toEqual({
    metadata: { resourceVersion: '7', annotations: { [ANNOTATION_TAINT_PENDING]: null } },
    spec: { taints: [{ key: 'own', effect: 'NoExecute' }, { key: LABEL_CONTROL_PLANE, effect: 'NoSchedule' }] },
  });
});

test('what was decided once, or by the user, stays', () => {
  expect(taintPatch(plane({}), [worker])).toBeUndefined();
  expect(taintPatch(undefined, [worker])).toBeUndefined();
});

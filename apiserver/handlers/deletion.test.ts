import type { KubeObject, ObjectMeta } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { DeleteOptions } from '../request/options.ts';
import { endsWithUpdate, planDeletion } from './deletion.ts';

const NOW = Date.UTC(2026, 0, 1);
const AT = '2026-01-01T00:00:00Z';
const NONE: DeleteOptions = { dryRun: false, gracePeriodSeconds: undefined, preconditions: undefined, orphanDependents: undefined, propagationPolicy: undefined };
const definition = (group: string, plural: string, grace?: number): ResourceDefinition => ({
  group, version: 'v1', kind: plural, plural, singular: plural, namespaced: true, model: plural,
  ...(grace === undefined ? {} : { gracePeriodSeconds: () => grace }),
});
const object = (meta: Partial<ObjectMeta> = {}, rest: object = {}): KubeObject => ({
  apiVersion: 'v1', kind: 'X', metadata: { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: AT, ...meta }, ...rest,
});
/** What the step does, with the metadata that it sets. */
const plan = (kind: ResourceDefinition, subject: KubeObject, options: Partial<DeleteOptions> = {}) => {
  const step = planDeletion(kind, subject, { ...NONE, ...options }, NOW);
  if (step.kind !== 'mark') return step.kind;
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, generation } = step.object.metadata;
  return { deletionTimestamp, deletionGracePeriodSeconds, finalizers, generation };
};
const CONFIG_MAPS = definition('', 'configmaps');
const PODS = definition('', 'pods', 30);

test('without finalizers and grace, an object goes at once', () => expect(plan(CONFIG_MAPS, object())).toBe('now'));

test('finalizers keep it, marked, with one more generation', () => {
  expect(plan(CONFIG_MAPS, object({ finalizers: ['a/b'], generation: 2 }))).toEqual({ deletionTimestamp: AT, deletionGracePeriodSeconds: 0, finalizers: ['a/b'], generation: 3 });
});

test.each([
  ['Foreground', ['foregroundDeletion']],
  ['Orphan', ['orphan']],
])('%s adds its finalizer', (propagationPolicy, finalizers) => expect(plan(CONFIG_MAPS, object(), { propagationPolicy })).toMatchObject({ finalizers }));

test('Background takes the finalizers of another policy away', () => expect(plan(CONFIG_MAPS, object({ finalizers: ['orphan'] }), { propagationPolicy: 'Background' })).toBe('now'));

test('jobs orphan their pods unless told otherwise, as batch/v1 always did', () => {
  expect(plan(definition('batch', 'jobs'), object())).toMatchObject({ finalizers: ['orphan'] });
  expect(plan(definition('batch', 'jobs'), object(), { propagationPolicy: 'Background' })).toBe('now');
});

describe('grace', () => {
  test('is the kind’s, or what the client asks for', () => {
    expect(plan(PODS, object())).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 });
    expect(plan(PODS, object(), { gracePeriodSeconds: 5 })).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 5 });
    expect(plan(PODS, object(), { gracePeriodSeconds: 0 })).toBe('now');
    expect(plan(definition('', 'pods', 0), object(), { gracePeriodSeconds: 60 })).toBe('now');
  });

  test('once given, can only be shortened', () => {
    const going = object({ deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 });
    expect(plan(PODS, going)).toBe('pending');
    expect(plan(PODS, going, { gracePeriodSeconds: 60 })).toBe('pending');
    expect(plan(PODS, going, { gracePeriodSeconds: 10 })).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 10 });
  });
});

test('a namespace terminates until its own finalizers are gone', () => {
  const namespaces = definition('', 'namespaces');
  const step = planDeletion(namespaces, object({}, { spec: { finalizers: ['kubernetes'] } }), NONE, NOW);
  expect(step).toMatchObject({ kind: 'mark', object: { metadata: { deletionTimestamp: AT }, status: { phase: 'Terminating' } } });
  expect(endsWithUpdate(namespaces, object({ deletionTimestamp: AT }, { spec: { finalizers: ['kubernetes'] } }))).toBe(false);
  expect(endsWithUpdate(namespaces, object({ deletionTimestamp: AT }, { spec: {} }))).toBe(true);
});

test.each([
  ['not marked', {}, false],
  ['marked, nobody waits', { deletionTimestamp: AT, deletionGracePeriodSeconds: 0 }, true],
  ['marked, a finalizer waits', { deletionTimestamp: AT, deletionGracePeriodSeconds: 0, finalizers: ['a/b'] }, false],
  ['marked, its grace is not over', { deletionTimestamp: AT, deletionGracePeriodSeconds: 30 }, false],
])('an update ends a deletion: %s', (_, meta, ends) => expect(endsWithUpdate(CONFIG_MAPS, object(meta))).toBe(ends));

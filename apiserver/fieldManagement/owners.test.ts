import { seededRandom } from '../../api/schema/seededRandom.ts';
import { applyConfiguration } from './applyConfiguration.ts';
import { ApplyConflictError } from './applyConflict.ts';
import { capOwners } from './capOwners.ts';
import type { Fields } from './fieldType.ts';
import { setOf } from './fieldSet.ts';
import { atOnce } from '../inTurns.ts';
import { applyAfterClientSide } from './lastApplied.ts';
import { isReset, ownerIdentity, ownersOfWrite, parseOwners, readOwners, sameButTimes, writeOwners, type FieldOwner } from './managedFields.ts';
import { validateManager } from '../../api/validation/managedFields.ts';
import { managerOf } from './managerName.ts';
import { randomSample } from './randomSample.ts';
import { fromScaleOwners, toScaleOwners } from './scaleOwners.ts';
import { mapOf, NUMBER, SAMPLE, STRING, struct } from './testTypes.ts';
import type { Tracking } from './tracking.ts';
import { trackUpdate } from './trackUpdate.ts';

/** Version 2 calls `text` by another name. */
const RENAMED = struct({ title: STRING, count: NUMBER, labels: mapOf(STRING) });

function tracking(extra: Partial<Tracking> = {}): Tracking {
  return {
    type: SAMPLE,
    apiVersion: 'g/v1',
    subresource: '',
    ignored: {},
    now: '2026-01-01T00:00:00Z',
    typeIn: (version) => (version === 'g/v1' ? SAMPLE : version === 'g/v2' ? RENAMED : undefined),
    convert: (object, _from, to) => {
      const { text, title, ...rest } = object;
      const name = text ?? title;
      return name === undefined ? rest : { ...rest, [to === 'g/v2' ? 'title' : 'text']: name };
    },
    ...extra,
  };
}

const owner = (manager: string, paths: readonly string[], extra: Partial<FieldOwner> = {}): FieldOwner => ({ manager, operation: 'Update', apiVersion: 'g/v1', subresource: '', time: '2025-01-01T00:00:00Z', fields: setOf(...paths.map((path) => path.split('/').map((step) => (/^[kvi]:/.test(step) ? step : `f:${step}`)))), ...extra });
const byIdentity = (...owners: FieldOwner[]): Map<string, FieldOwner> => new Map(owners.map((each) => [ownerIdentity(each), each]));
const shown = (owners: ReadonlyMap<string, FieldOwner>): Record<string, unknown> => Object.fromEntries([...owners.values()].map(({ manager, operation, fields }) => [`${manager} ${operation}`, fields]));
const applied = (manager: string, live: Fields | undefined, configuration: Fields, owners: Map<string, FieldOwner>, force = false): { object: Fields | undefined; owners: Map<string, FieldOwner> } => applyConfiguration(tracking(), manager, live, configuration, owners, force);

describe('an update', () => {
  test('takes from others what it changes, and nobody keeps what went', () => {
    const before = { text: 'a', count: 1, labels: { x: '1' } };
    const after = { text: 'b', count: 1 };
    const owners = trackUpdate(tracking(), 'me', before, after, byIdentity(owner('other', ['text', 'count', 'labels', 'labels/x'])));
    expect(shown(owners)).toEqual({ 'other Update': { 'f:count': {} }, 'me Update': { 'f:text': {} } });
    expect(owners.get(ownerIdentity(owner('me', [])))?.time).toBe('2026-01-01T00:00:00Z');
  });

  test('that changes nothing moves no time', () => {
    const owners = byIdentity(owner('me', ['text']));
    const after = trackUpdate(tracking(), 'me', { text: 'a' }, { text: 'a' }, owners);
    expect(writeOwners(after)).toEqual(writeOwners(owners));
  });

  test('adds to what its manager had', () => {
    expect(shown(trackUpdate(tracking(), 'me', { text: 'a' }, { text: 'a', count: 1 }, byIdentity(owner('me', ['text']))))).toEqual({ 'me Update': { 'f:text': {}, 'f:count': {} } });
  });

  test('never owns what Kubernetes keeps out, nor what it does not change', () => {
    const type = struct({ apiVersion: STRING, kind: STRING, metadata: struct({ name: STRING, uid: STRING, labels: mapOf(STRING) }), status: mapOf(STRING), text: STRING });
    const object = { apiVersion: 'g/v1', kind: 'K', metadata: { name: 'n', uid: 'u', labels: { a: 'b' } }, status: { x: 'y' }, text: 't' };
    const owners = trackUpdate(tracking({ type, typeIn: () => type, ignored: setOf(['f:status']) }), 'me', undefined, object, new Map());
    expect(shown(owners)).toEqual({ 'me Update': { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } }, 'f:text': {} } });
  });

  test('is not tracked on an object that has no owners', () => {
    expect(trackUpdate(tracking(), 'me', { text: 'a' }, { text: 'b' }, new Map()).size).toBe(0);
  });

  test('reaches owners of another version, and forgets those of a version that is gone', () => {
    const other = owner('two', ['title', 'count'], { apiVersion: 'g/v2' });
    const gone = owner('old', ['x'], { apiVersion: 'g/v0' });
    expect(shown(trackUpdate(tracking(), 'me', { text: 'a', count: 1 }, { text: 'b', count: 1 }, byIdentity(other, gone)))).toEqual({ 'two Update': { 'f:count': {} }, 'me Update': { 'f:text': {} } });
  });
});

describe('an apply', () => {
  test.each(Array.from({ length: 100 }, (_, seed) => seed))('of itself changes nothing (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const configuration = randomSample(random);
    const first = applied('me', undefined, configuration, new Map());
    const again = applied('me', first.object ?? {}, configuration, first.owners);
    expect(again.object).toBeUndefined();
    expect(writeOwners(again.owners)).toEqual(writeOwners(first.owners));
  });

  test.each(Array.from({ length: 100 }, (_, seed) => seed))('that replaces another leaves what a first apply of it would (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const [one, two] = [randomSample(random), randomSample(random)];
    const first = applied('me', undefined, one, new Map());
    const second = applied('me', first.object ?? {}, two, first.owners);
    const alone = applied('me', undefined, two, new Map());
    expect([...second.owners.values()].map(({ fields }) => fields)).toEqual([...alone.owners.values()].map(({ fields }) => fields));
    expect(withoutNothing(second.object ?? first.object)).toEqual(withoutNothing(alone.object ?? {}));
  });

  test('that says again what it said keeps its entry as it is stored, and takes nothing away that came meanwhile', () => {
    const stored = writeOwners(applied('me', undefined, { text: 'a', labels: { mine: '1' } }, new Map()).owners);
    const live = { text: 'a', count: 1, labels: { mine: '1', theirs: '1' } };
    const again = applied('me', live, { text: 'a', labels: { mine: '1' } }, readOwners(stored));
    expect(again.object).toBeUndefined();
    expect(writeOwners(again.owners)![0]).toBe(stored![0]);
    const changed = applied('me', live, { text: 'b', labels: { mine: '1' } }, readOwners(stored));
    expect(changed.object).toEqual({ text: 'b', count: 1, labels: { mine: '1', theirs: '1' } });
    expect(writeOwners(changed.owners)![0]!.fieldsV1).toBe(stored![0]!.fieldsV1);
  });

  test('takes away what it said, and only if nobody else has it', () => {
    const live = { labels: { mine: '1', ours: '1', theirs: '1', nobodys: '1' } };
    const owners = byIdentity(owner('me', ['labels/mine', 'labels/ours'], { operation: 'Apply' }), owner('other', ['labels/ours', 'labels/theirs']));
    const { object, owners: after } = applied('me', live, { labels: {} }, owners);
    expect(object).toEqual({ labels: { ours: '1', theirs: '1', nobodys: '1' } });
    expect(shown(after)).toEqual({ 'other Update': { 'f:labels': { 'f:ours': {}, 'f:theirs': {} } }, 'me Apply': { 'f:labels': {} } });
  });

  test('takes away an item, but not what somebody else has in it', () => {
    const live = { items: [{ name: 'a', port: 1, protocol: 'UDP' }, { name: 'b' }] };
    const mine = owner('me', ['items/k:{"name":"a"}', 'items/k:{"name":"a"}/name', 'items/k:{"name":"a"}/port', 'items/k:{"name":"b"}', 'items/k:{"name":"b"}/name'], { operation: 'Apply' });
    const { object } = applied('me', live, {}, byIdentity(mine, owner('other', ['items/k:{"name":"a"}', 'items/k:{"name":"a"}/name', 'items/k:{"name":"a"}/protocol'])));
    expect(object).toEqual({ items: [{ name: 'a', protocol: 'UDP' }] });
  });

  test('conflicts with whoever owns another value, and not over the same', () => {
    const live = { text: 'a', count: 1 };
    const owners = byIdentity(owner('maker', ['text', 'count']), owner('kubelet', ['count'], { subresource: 'status' }), owner('applier', ['text'], { operation: 'Apply' }));
    expect(() => applied('me', live, { text: 'a' }, owners)).not.toThrow();
    let refusal: unknown;
    try {
      applied('me', live, { text: 'b', count: 2 }, owners);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ApplyConflictError);
    const { status } = refusal as ApplyConflictError;
    expect(status.message).toBe('Apply failed with 4 conflicts: conflicts with "applier":\n- .text\nconflicts with "kubelet" with subresource "status" using g/v1:\n- .count\nconflicts with "maker" using g/v1:\n- .count\n- .text');
    expect(status).toMatchObject({ code: 409, reason: 'Conflict', details: { causes: expect.arrayContaining([{ reason: 'FieldManagerConflict', message: 'conflict with "applier"', field: '.text' }]) as unknown } });
    const forced = applied('me', live, { text: 'b', count: 2 }, owners, true);
    expect(shown(forced.owners)).toEqual({ 'me Apply': { 'f:text': {}, 'f:count': {} } });
    expect(forced.object).toEqual({ text: 'b', count: 2 });
  });

  test('to an object that nobody owns meets what was before it', () => {
    expect(() => applied('me', { text: 'a' }, { text: 'b' }, new Map())).toThrow('Apply failed with 1 conflict: conflict with "before-first-apply" using g/v1: .text');
  });

  test('says nothing of when it took what others had already set', () => {
    const { owners } = applied('me', { text: 'a' }, { text: 'a' }, byIdentity(owner('maker', ['text'])));
    expect([...owners.values()].find(({ manager }) => manager === 'me')).not.toHaveProperty('time');
  });

  test('prunes what was applied in another version', () => {
    const last = owner('me', ['title', 'labels/x'], { operation: 'Apply', apiVersion: 'g/v2' });
    const { object, owners } = applied('me', { text: 'a', labels: { x: '1' } }, { labels: { x: '1' } }, byIdentity(last));
    expect(object).toEqual({ labels: { x: '1' } });
    expect([...owners.values()]).toMatchObject([{ apiVersion: 'g/v1', fields: { 'f:labels': { 'f:x': {} } } }]);
  });
});

/** What was pruned empty is null until it is decoded; what was applied empty is not. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, withoutNothing(each)]);
  return Object.fromEntries(entries.filter(([, each]) => each !== null && !(typeof each === 'object' && Object.keys(each).length === 0)));
}

describe('kubectl after its own client-side apply', () => {
  const annotated = struct({ apiVersion: STRING, text: STRING, metadata: struct({ annotations: mapOf(STRING) }) });
  const at = tracking({ type: annotated, typeIn: () => annotated });
  const live = { apiVersion: 'g/v1', text: 'a', metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"g/v1","text":"a"}' } } };
  const owners = byIdentity(owner('kubectl-client-side-apply', ['text']));

  test('meets no conflict in what that left as it is, and keeps the annotation up', () => {
    const { object } = atOnce(applyAfterClientSide(at, 'kubectl', live, { apiVersion: 'g/v1', text: 'b' }, owners, false));
    expect(object).toEqual({ ...live, text: 'b', metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"g/v1","text":"b"}\n' } } });
  });

  test('meets one where somebody changed it since, and under any other name', () => {
    const changed = { ...live, text: 'x' };
    expect(() => atOnce(applyAfterClientSide(at, 'kubectl', changed, { apiVersion: 'g/v1', text: 'b' }, owners, false))).toThrow('conflict with "kubectl-client-side-apply"');
    expect(() => atOnce(applyAfterClientSide(at, 'else', live, { apiVersion: 'g/v1', text: 'b' }, owners, false))).toThrow('conflict with "kubectl-client-side-apply"');
  });
});

describe('managedFields', () => {
  const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1: { 'f:a': {} } };

  test('are read and written in order: applies first, then by time, then by name', () => {
    const owners = byIdentity(owner('z', ['a']), owner('b', ['a'], { time: '2026-01-02T00:00:00Z' }), owner('a', ['a'], { time: '2026-01-02T00:00:00Z' }), owner('x', ['a'], { operation: 'Apply', subresource: 'status' }));
    const written = writeOwners(owners)!;
    expect(written.map(({ manager }) => manager)).toEqual(['x', 'z', 'a', 'b']);
    expect(Object.keys(written[0]!)).toEqual(['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource']);
    expect(writeOwners(readOwners(written))).toEqual(written);
    expect([...readOwners(written).keys()].sort()).toEqual([...owners.keys()].sort());
    expect(writeOwners(new Map())).toBeUndefined();
  });

  test('that a client sends count only where they are sound', () => {
    expect(parseOwners([entry])?.size).toBe(1);
    for (const bad of [{ ...entry, operation: 'Patch' }, { ...entry, apiVersion: '' }, { ...entry, fieldsType: 'FieldsV2' }, { ...entry, fieldsV1: { a: {} } }]) expect(parseOwners([bad])).toBeUndefined();
    const stored = [entry];
    expect(shown(ownersOfWrite(stored, [{ ...entry, fieldsV1: { 'f:b': {} } }], ''))).toEqual({ 'm Update': { 'f:b': {} } });
    expect(shown(ownersOfWrite(stored, [{ ...entry, fieldsV1: { 'f:b': {} } }], 'status'))).toEqual({ 'm Update': { 'f:a': {} } });
    expect(shown(ownersOfWrite(stored, [{ ...entry, fieldsType: '' }], ''))).toEqual({ 'm Update': { 'f:a': {} } });
    expect(shown(ownersOfWrite(stored, [], ''))).toEqual({ 'm Update': { 'f:a': {} } });
    expect(ownersOfWrite(stored, [{}], '').size).toBe(0);
    expect([isReset([{}]), isReset([]), isReset([{}, {}]), isReset(undefined)]).toEqual([true, false, false, false]);
  });

  test('are the same but for times', () => {
    expect(sameButTimes([entry], [{ ...entry, time: '2027-01-01T00:00:00Z' }])).toBe(true);
    expect(sameButTimes([entry], [{ ...entry, fieldsV1: { 'f:b': {} } }])).toBe(false);
    expect(sameButTimes([entry], undefined)).toBe(false);
    expect(sameButTimes(undefined, undefined)).toBe(true);
  });

  test('hold ten updaters: the oldest of a version become ancient changes', () => {
    const many = byIdentity(...Array.from({ length: 13 }, (_, index) => owner(`m${index}`, [`a${index}`], { time: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z` })), owner('applier', ['x'], { operation: 'Apply' }));
    const capped = capOwners(many);
    expect([...capped.values()].filter(({ operation }) => operation === 'Update')).toHaveLength(10);
    const ancient = [...capped.values()].find(({ manager }) => manager === 'ancient-changes');
    expect(ancient).toMatchObject({ time: '2026-01-01T00:00:03Z', fields: { 'f:a0': {}, 'f:a1': {}, 'f:a2': {}, 'f:a3': {} } });
  });
});

test('a manager is what the client says, or what its user agent calls itself', () => {
  expect(managerOf('me', 'kubectl/v1')).toBe('me');
  expect(managerOf('', 'kubectl/v1.36.0 (linux/amd64)')).toBe('kubectl');
  expect(managerOf('', undefined)).toBe('');
  expect(managerOf('', `a\u0000b${'x'.repeat(200)}/1`)).toBe(`ab${'x'.repeat(126)}`);
  expect(validateManager('fieldManager', '')).toEqual([]);
  expect(validateManager('fieldManager', 'a\u0007').map(({ message }) => message)).toEqual(['Invalid value: "a\\a": invalid character U+0007 (at position 1)']);
  expect(validateManager('fieldManager', 'x'.repeat(129)).map(({ message }) => message)).toEqual(['Too long: may not be more than 128 bytes']);
});

test('owners of the replicas go to the scale and back', () => {
  const replicasIn = (version: string): string[] | undefined => (version === 'g/v1' ? ['f:spec', 'f:replicas'] : undefined);
  const parent = byIdentity(owner('maker', ['spec/replicas', 'spec/paused']), owner('only', ['spec/replicas'], { operation: 'Apply' }), owner('else', ['spec/paused']));
  const scale = toScaleOwners(parent, replicasIn);
  expect([...scale.values()].map(({ manager, apiVersion }) => `${manager} ${apiVersion}`)).toEqual(['maker autoscaling/v1', 'only autoscaling/v1']);
  expect(fromScaleOwners(parent, scale, 'g/v1', replicasIn)).toEqual(parent);
  const scaler = owner('scaler', ['spec/replicas'], { apiVersion: 'autoscaling/v1', subresource: 'scale' });
  const after = fromScaleOwners(parent, byIdentity(scaler), 'g/v1', replicasIn);
  expect(shown(after)).toEqual({ 'maker Update': { 'f:spec': { 'f:paused': {} } }, 'else Update': { 'f:spec': { 'f:paused': {} } }, 'scaler Update': { 'f:spec': { 'f:replicas': {} } } });
});

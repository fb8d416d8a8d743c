import type { Answer } from '../../rig/apiserver.ts';
import { type Caller, MERGE, nextThat } from './caller.ts';

/** A resource, and what is done to an object of it. */
export interface Operated {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Of namespaced kinds. */
  readonly namespace?: string;
  /** Subresources that discovery must name. */
  readonly subresources?: readonly string[];
  readonly object: object;
  /** A merge patch, beside that of an annotation, and where in the object it must show. */
  readonly patch?: { readonly body: object; readonly seen: (object: Answer['json']) => unknown; readonly value: unknown };
  /** Changes an object that was read, and where it must show. */
  readonly update?: { readonly change: (object: Answer['json']) => void; readonly seen: (object: Answer['json']) => unknown; readonly value: unknown };
  /** How lists find what the test made; a label unless given. */
  readonly selector?: string;
  /** Between the updates and the deletions. */
  readonly more?: (path: string, name: string) => Promise<void>;
}

const LABEL = 'e2e-test';

/**
 * What Kubernetes' end-to-end tests named "should support … API operations" do: discovery at its three levels, then create, get, list, watch, patch,
 * update, delete and deletecollection of three objects.
 */
export async function supportsApiOperations(caller: Caller, { group, version, plural, namespace, subresources = [], object, patch, update, selector, more }: Operated): Promise<void> {
  const groups = await caller.ok('GET', '/apis');
  const versionsOf = (found: Answer['json']): string[] => found.versions.map((each: Answer['json']) => each.version);
  expect(versionsOf(groups.groups.find((each: Answer['json']) => each.name === group))).toContain(version);
  expect(versionsOf(await caller.ok('GET', `/apis/${group}`))).toContain(version);
  const path = `/apis/${group}/${version}`;
  const resources: string[] = (await caller.ok('GET', path)).resources.map((each: Answer['json']) => each.name);
  expect(resources).toEqual(expect.arrayContaining([plural, ...subresources.map((each) => `${plural}/${each}`)]));

  const all = `${path}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
  const value = Math.random().toString(36).slice(2);
  const template = { metadata: { generateName: 'e2e-example-', labels: { [LABEL]: value } }, ...object };
  const query = selector ?? `labelSelector=${LABEL}%3D${value}`;
  const selected = `${all}?${query}`;
  await caller.ok('POST', all, template);
  await caller.ok('POST', all, template);
  const created = await caller.ok('POST', all, template);
  const { name } = created.metadata;
  expect((await caller.ok('GET', `${all}/${name}`)).metadata.uid).toBe(created.metadata.uid);
  const list = await caller.ok('GET', selected);
  expect(list.items).toHaveLength(3);

  // Of all namespaces, too.
  const everywhere = `${path}/${plural}?${query}`;
  expect((await caller.ok('GET', everywhere)).items).toHaveLength(3);
  const watches = [...new Set([selected, everywhere])].map((each) => caller.watch(`${each}&watch=true&resourceVersion=${list.metadata.resourceVersion}`));
  const patched = await caller.ok('PATCH', `${all}/${name}`, { metadata: { annotations: { patched: 'true' } }, ...patch?.body }, MERGE);
  expect([patched.metadata.annotations.patched, patch?.seen(patched)]).toEqual(['true', patch?.value]);
  // Whoever writes its status meanwhile makes this a conflict.
  for (let status = 409; status === 409; ) {
    const read = await caller.ok('GET', `${all}/${name}`);
    read.metadata.annotations.updated = 'true';
    update?.change(read);
    const answer = await caller.request('PUT', `${all}/${name}`, read);
    status = answer.status;
    if (status === 409) continue;
    expect([status, answer.json.metadata?.annotations?.updated, update?.seen(answer.json)]).toEqual([200, 'true', update?.value]);
  }
  for (const watch of watches) {
    const types: string[] = [];
    await nextThat(watch, ({ type, object: seen }) => types.push(type) > 0 && seen.metadata.annotations?.patched === 'true');
    await nextThat(watch, ({ type, object: seen }) => types.push(type) > 0 && seen.metadata.annotations?.updated === 'true');
    expect(new Set(types)).toEqual(new Set(['MODIFIED']));
  }

  await more?.(all, name);

  await caller.ok('DELETE', `${all}/${name}`);
  for (const watch of watches) {
    await nextThat(watch, ({ type, object: seen }) => type === 'DELETED' && seen.metadata.name === name);
    watch.stop();
  }
  expect((await caller.request('GET', `${all}/${name}`)).status).toBe(404);
  expect((await caller.ok('GET', selected)).items).toHaveLength(2);
  await caller.ok('DELETE', selected);
  expect((await caller.ok('GET', selected)).items).toEqual([]);
}

/** Reads, patches and updates a subresource that changes conditions; `before` is how many there are already. */
export async function changesStatus(caller: Caller, kind: string, path: string, subresource: string): Promise<void> {
  const at = `${path}/${subresource}`;
  const read = await caller.ok('GET', at);
  expect([read.kind, read.metadata.uid]).toEqual([kind, (await caller.ok('GET', path)).metadata.uid]);
  const patched = await caller.ok('PATCH', at, { metadata: { annotations: { patchedstatus: 'true' } }, status: { conditions: [{ type: 'PatchStatusFailed', status: 'False', reason: 'e2e', lastTransitionTime: '2026-01-01T00:00:00Z' }] } }, MERGE);
  // All metadata of these kinds stays as it is when their status is written.
  expect(patched.metadata.annotations?.patchedstatus).toBeUndefined();
  expect(patched.status.conditions).toEqual([expect.objectContaining({ type: 'PatchStatusFailed', status: 'False', reason: 'e2e' })]);
  for (let status = 409; status === 409; ) {
    const now = await caller.ok('GET', path);
    now.status.conditions = [...now.status.conditions, { type: 'StatusUpdateFailed', status: 'False', reason: 'E2E', message: 'Set from an e2e test', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    const answer = await caller.request('PUT', at, now);
    status = answer.status;
    if (status !== 409) expect(answer.json.status.conditions).toContainEqual(expect.objectContaining({ type: 'StatusUpdateFailed', message: 'Set from an e2e test' }));
  }
}

/** Patches, updates and reads a status that programs write as they like; `seen` is what must be of it. */
export async function takesStatus(caller: Caller, path: string, status: object, seen: (status: Answer['json']) => unknown, value: unknown): Promise<void> {
  const at = `${path}/status`;
  const patched = await caller.ok('PATCH', at, { metadata: { annotations: { patchedstatus: 'true' } }, status }, MERGE);
  expect([patched.metadata.annotations.patchedstatus, seen(patched.status)]).toEqual(['true', value]);
  for (let code = 409; code === 409; ) {
    const answer = await caller.request('PUT', at, await caller.ok('GET', path));
    code = answer.status;
    if (code !== 409) expect([code, seen(answer.json.status)]).toEqual([200, value]);
  }
  const read = await caller.ok('GET', at);
  expect([read.metadata.uid, seen(read.status)]).toEqual([patched.metadata.uid, value]);
}

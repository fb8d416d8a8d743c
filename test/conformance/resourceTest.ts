import type { V1APIResourceList } from '../../api/generated/types.ts';
import type { Draft, KubeObject } from '../../api/meta.ts';
import { resourcePath } from '../../client/resourcePath.ts';
import type { Resource } from '../../client/types.ts';
import type { ConformanceCluster } from './conformanceCluster.ts';

export interface ResourceTest<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly namespace?: string;
  readonly initial: Draft<T>;
  /** A change of the object, and the patches of three kinds and the apply that make the same one. */
  readonly update: (object: T) => void;
  readonly merge: object;
  readonly json: readonly object[];
  /** Of the status; the apply of it makes the same one. */
  readonly updateStatus?: { readonly change: (object: T) => void; readonly apply: object };
}

const PATCH_TYPES = ['application/strategic-merge-patch+json', 'application/merge-patch+json', 'application/json-patch+json', 'application/apply-patch+yaml'] as const;

/** What upstream's `e2econformance.TestResource` does: each verb, each way of patching, strictly validated, and the events that informers see. */
export async function expectResourceOperations<T extends KubeObject>(cluster: ConformanceCluster, { resource, namespace, initial, update, merge, json, updateStatus }: ResourceTest<T>): Promise<void> {
  const { client } = cluster;
  const { group, version, plural } = resource;
  const { resources } = await cluster.json<V1APIResourceList>('GET', `/apis/${group}/${version}`);
  expect(resources.map(({ name }) => name)).toContain(plural);

  const name = initial.metadata.name ?? '';
  const label = { 'e2e-test.kubernetes.io': plural };
  const labelSelector = `e2e-test.kubernetes.io=${plural}`;
  const draft: Draft<T> = { ...initial, metadata: { ...initial.metadata, labels: { ...initial.metadata.labels, ...label }, ...(namespace === undefined ? {} : { namespace }) } };
  const logs = [await cluster.watch(resource, { labelSelector }), ...(namespace === undefined ? [] : [await cluster.watch(resource, { namespace, labelSelector })])];
  const seen = async (type: 'ADDED' | 'MODIFIED' | 'DELETED'): Promise<void> => {
    for (const log of logs) await log.next(type, ({ metadata }) => metadata.name === name);
  };
  const path = resourcePath(resource, namespace);
  const own = `${path}/${name}`;
  const create = async (): Promise<T> => {
    const made = await cluster.json<T>('POST', `${path}?fieldValidation=Strict`, draft);
    await seen('ADDED');
    return made;
  };
  const remove = async (): Promise<void> => {
    await client.delete(resource, name, namespace);
    await cluster.untilGone(resource, name, namespace);
    await seen('DELETED');
  };
  /** Without what the server counts and stamps. */
  const content = (object: T): unknown => {
    const { resourceVersion: _, uid: _uid, creationTimestamp: _created, generation: _generation, managedFields: _managed, ...metadata } = object.metadata;
    return { ...object, metadata };
  };

  const made = await create();
  expect(made).toMatchObject({ ...draft, metadata: { name, labels: label } });
  expect(await client.get(resource, name, namespace)).toEqual(made);
  const updated = await cluster.update(resource, name, namespace, update);
  expect(BigInt(updated.metadata.resourceVersion)).toBeGreaterThan(BigInt(made.metadata.resourceVersion));
  await seen('MODIFIED');
  const expected = content(updated);

  let withStatus: unknown;
  if (updateStatus) {
    const written = await cluster.update(resource, name, namespace, updateStatus.change, 'status');
    await seen('MODIFIED');
    withStatus = content(written);
    expect(withStatus).not.toEqual(expected);
    expect(content(await cluster.subresource(resource, name, namespace, 'status'))).toEqual(withStatus);
  }
  for (const type of PATCH_TYPES) {
    await remove();
    await create();
    const applied = type === 'application/apply-patch+yaml';
    const body = type === 'application/json-patch+json' ? json : { apiVersion: initial.apiVersion, kind: initial.kind, metadata: { name }, ...merge };
    const patched = await cluster.json<T>('PATCH', `${own}?fieldValidation=Strict${applied ? '&fieldManager=test-apply&force=true' : ''}`, body, type);
    expect(content(patched)).toEqual(expected);
    await seen('MODIFIED');
  }
  if (updateStatus) {
    const body = { apiVersion: initial.apiVersion, kind: initial.kind, metadata: { name }, ...updateStatus.apply };
    const patched = await cluster.json<T>('PATCH', `${own}/status?fieldValidation=Strict&fieldManager=test-apply&force=true`, body, 'application/apply-patch+yaml');
    expect(content(patched)).toEqual(withStatus);
    await seen('MODIFIED');
  }
  expect((await client.list(resource, { ...(namespace === undefined ? {} : { namespace }), labelSelector })).items).toHaveLength(1);
  expect((await client.list(resource, { labelSelector })).items).toHaveLength(1);
  await cluster.deleteCollection(resource, namespace, labelSelector);
  await cluster.untilGone(resource, name, namespace);
  await seen('DELETED');
}

import { failure } from '../../api/apiError.ts';
import type { KubeObject } from '../../api/meta.ts';
import { Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import { orphan } from './garbageCollector.ts';
import { nodeOf } from './graph.ts';

const owner = (uid: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name: uid, uid });
const pod = (resourceVersion: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', uid: 'p', resourceVersion, creationTimestamp: '', ownerReferences: [owner('o'), owner('other')] } });

test('a dependent that was written meanwhile is orphaned all the same', async () => {
  const patches: unknown[] = [];
  const client = {
    get: async () => pod('2'),
    patch: async (_resource: unknown, _name: unknown, _namespace: unknown, _type: unknown, patch: { metadata: { resourceVersion: string } }) => {
      patches.push(patch);
      if (patch.metadata.resourceVersion !== '2') throw failure(409, 'Conflict', 'changed');
      return pod('3');
    },
  } as unknown as KubeClient;
  await orphan(client, nodeOf(Pods, pod('1')), 'o');
  expect(patches).toEqual(['1', '2'].map((resourceVersion) => ({ metadata: { uid: 'p', resourceVersion, ownerReferences: [owner('other')] } })));
});

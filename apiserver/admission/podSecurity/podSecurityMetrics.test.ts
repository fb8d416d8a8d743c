import type { V1Pod } from '../../../api/generated/types.ts';
import { pod as definition } from '../../../api/kinds/core/pod/pod.ts';
import { FakeClock } from '../../../process/fakeClock.ts';
import { Metrics } from '../../../process/metrics.ts';
import type { StoredObject, WatchCache, Storage } from '../../storage/types.ts';
import type { AdmissionAttributes } from '../../types.ts';
import { DEFAULT_POD_SECURITY } from './configuration.ts';
import { PodSecurity } from './podSecurity.ts';
import { StoredObjects } from '../storedObjects.ts';

const LABEL = 'pod-security.kubernetes.io/';
const namespaces: Readonly<Record<string, Record<string, string>>> = {
  strict: { [`${LABEL}enforce`]: 'baseline', [`${LABEL}enforce-version`]: 'v1.99', [`${LABEL}audit`]: 'restricted' },
  lax: {},
  wrong: { [`${LABEL}warn`]: 'x' },
};
const cache = {
  get: (key: string): StoredObject | undefined => {
    const name = key.split('/').at(-1) ?? '';
    const labels = namespaces[name];
    return labels && { key, revision: 1, bytes: Buffer.alloc(0), object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, uid: name, resourceVersion: '1', creationTimestamp: '' } } };
  },
} as unknown as WatchCache;
const storage = { get: async () => undefined } as unknown as Storage;

test('evaluations, exemptions and errors are counted as Kubernetes counts them', async () => {
  const metrics = new Metrics();
  const plugin = new PodSecurity(new StoredObjects(cache, storage), new FakeClock(), { ...DEFAULT_POD_SECURITY, exemptions: { ...DEFAULT_POD_SECURITY.exemptions, namespaces: ['spared'] } });
  plugin.figures(metrics);
  const admit = async (namespace: string, spec: Partial<V1Pod['spec']> = {}): Promise<void> => {
    const object = { metadata: { name: 'p', namespace }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } };
    const attributes = { operation: 'CREATE', definition, subresource: '', namespace, name: 'p', object, previous: undefined, user: { name: 'u', groups: [] }, warn: () => undefined };
    await plugin.validate(attributes as unknown as AdmissionAttributes).catch(() => undefined);
  };
  for (const namespace of ['strict', 'lax', 'wrong', 'spared', 'gone']) await admit(namespace);
  await admit('strict', { hostNetwork: true });
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('pod_security'));
  const of = 'request_operation="create",resource="pod",subresource=""';
  expect(lines).toEqual([
    `pod_security_evaluations_total{decision="allow",policy_level="baseline",policy_version="future",mode="enforce",${of}} 1`,
    `pod_security_evaluations_total{decision="deny",policy_level="restricted",policy_version="latest",mode="audit",${of}} 2`,
    `pod_security_evaluations_total{decision="allow",policy_level="privileged",policy_version="latest",mode="enforce",${of}} 2`,
    `pod_security_evaluations_total{decision="deny",policy_level="baseline",policy_version="future",mode="enforce",${of}} 1`,
    `pod_security_exemptions_total{${of}} 1`,
    `pod_security_errors_total{fatal="false",${of}} 1`,
    `pod_security_errors_total{fatal="true",${of}} 1`,
  ]);
});

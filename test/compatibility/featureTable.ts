import type { FeatureGroup } from './features.ts';

const server = (...names: readonly string[]): readonly string[] => names.map((name) => `test/apiserver/${name}.test.ts`);
const kubectl = (...names: readonly string[]): readonly string[] => names.map((name) => `test/kubectl/${name}.test.ts`);

/** The features of the API by the part of the server that has them. */
export const FEATURES: readonly FeatureGroup[] = [
  {
    title: 'Objects',
    features: [
      { name: 'Create, get, update, patch (JSON, merge, strategic merge), delete with grace, preconditions and propagation', shownBy: [...server('objects', 'badInput'), ...kubectl('write', 'delete')] },
      { name: 'Deletion of collections', shownBy: server('collections') },
      { name: 'Defaulting, validation, status, scale, ephemeral containers, resize, eviction, binding', shownBy: server('objects', 'surface') },
      { name: 'Several API servers on one etcd', shownBy: server('several', 'concurrency') },
    ],
  },
  {
    title: 'Protection',
    features: [
      { name: 'Encryption at rest: aescbc, aesgcm, secretbox, KMS v2, rotation of keys', shownBy: server('encryption'), lacks: 'KMS v1, which Kubernetes has off by default' },
      { name: 'Priority and fairness: FlowSchemas, priority levels, queues, borrowing', shownBy: server('flowControl'), lacks: 'the extra seats of a write that many watch; Retry-After is always 1 s' },
      { name: 'Audit: policy, log and webhook', shownBy: server('audit') },
      { name: 'Limits of size, number and time', shownBy: server('limits', 'sockets', 'badInput'), lacks: 'HTTP/2' },
    ],
  },
];

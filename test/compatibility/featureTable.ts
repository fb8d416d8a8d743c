import type { FeatureGroup } from './features.ts';

const server = (...names: readonly string[]): readonly string[] => names.map((name) => `test/apiserver/${name}.test.ts`);
const kubectl = (...names: readonly string[]): readonly string[] => names.map((name) => `test/kubectl/${name}.test.ts`);

/** The features of the API by the part of the server that has them. */
export const FEATURES: readonly FeatureGroup[] = [
  {
    title: 'Objects',
    features: [
      { name: 'Create, get, update, patch (JSON, merge, strategic merge), delete with grace, preconditions and propagation', shownBy: [...server('objects', 'badInput'), ...kubectl('write', 'delete')] },
      { name: 'Deletion of collections, of thousands of objects too', shownBy: server('collections', 'collectionForms') },
      {
        name: 'Defaults, rules, warnings and what an update may change: pods with all volume sources, Services, claims and volumes, workloads, nodes, quotas, limit ranges, storage, devices',
        shownBy: [...server('objects', 'surface', 'schemaConformance'), 'apiserver/codec/everyForm.test.ts'],
        lacks:
          'Rules of FlowSchemas and PriorityLevelConfigurations are not all there, and of ResourceSlices those of counters and capacities are missing; the differences that a refused change of a pod prints are laid out otherwise now and then; values that were once accepted are judged again at each update (ratcheting is of custom resources alone)',
      },
      { name: 'Status, scale, ephemeral containers, resize, eviction, binding', shownBy: server('objects', 'surface') },
      {
        name: 'Server-side apply: exact field sets, conflicts, force, status and scale, upgrade from client-side apply',
        shownBy: [...server('apply', 'customResourcesApply'), ...kubectl('serverSideApply')],
        lacks: 'an object that managedFields alone make too large is refused, where Kubernetes tries once more without them',
      },
      { name: 'JSON, YAML and protobuf: requests, answers and watches', shownBy: [...server('protobuf', 'fuzz'), 'apiserver/codec/everyForm.test.ts'], lacks: 'CBOR, which is off by default' },
      {
        name: 'Lists and watches: streaming lists, bookmarks, resourceVersionMatch, pages across compaction, selectors, tables, metadata alone (JSON and protobuf), gzip',
        shownBy: server('collections', 'collectionForms', 'protobuf'),
      },
      { name: 'Discovery, OpenAPI, kubectl explain of every kind, strict validation', shownBy: [...server('surface'), ...kubectl('discovery', 'versions')], lacks: 'aggregated discovery in protobuf' },
      { name: 'What the server keeps by itself: namespaces, priority classes, RBAC defaults, `kubernetes`, ServiceCIDR and IPAddress, Leases of API servers', shownBy: server('defaultObjects', 'claims'), lacks: 'a ServiceCIDR that is in use can be deleted; ComponentStatuses have no contents' },
      { name: 'Several API servers on one etcd', shownBy: server('several', 'concurrency', 'outage') },
    ],
  },
  {
    title: 'Extensions',
    features: [
      {
        name: 'Custom resources: structural schemas, pruning, defaults, versions, status, scale, columns, selectable fields, names and their conflicts, deletion, OpenAPI',
        shownBy: [...server('customResources'), ...kubectl('customResources')],
      },
      { name: 'Rules of custom resources in CEL: transitions, messages, costs, ratcheting', shownBy: [...server('customResourceRules'), ...kubectl('customResourceRules')], lacks: 'rules inside `allOf`; an evaluation that uses its whole budget can take longer than 100 ms' },
      { name: 'Conversion of custom resources by webhook', shownBy: server('conversionWebhooks') },
      {
        name: 'Mutating and validating webhooks: rules, selectors, match conditions, equivalent versions, failure policy, reinvocation, by URL and by Service',
        shownBy: server('admissionWebhooks'),
        lacks: 'the API server shows webhooks no identity of its own (kubeConfigFile of an AdmissionConfiguration)',
      },
      { name: 'Aggregation: API services with availability, requests, watches and upgrades to extension API servers, merged discovery and OpenAPI', shownBy: [...server('aggregation'), ...kubectl('aggregation')], lacks: 'its metrics' },
    ],
  },
  {
    title: 'Admission plugins',
    features: [
      { name: 'PodSecurity: every check of every version; enforce, audit and warn; warnings about templates and existing pods; defaults and exemptions', shownBy: server('podSecurity'), lacks: 'its metrics' },
      { name: 'ResourceQuota: every scope and countable resource, limitedResources, several API servers, resizes', shownBy: [...server('quota'), 'test/controllers/limits.test.ts'] },
      { name: 'StorageObjectInUseProtection with its controllers, DefaultStorageClass, PersistentVolumeClaimResize, RuntimeClass, PodTopologyLabels', shownBy: server('podSecurity') },
      { name: 'NodeRestriction', shownBy: server('nodes') },
      {
        name: 'The others that are on by default, and most that are off; `--enable-admission-plugins`, `--disable-admission-plugins`, `--admission-control-config-file`',
        shownBy: server('podSecurity'),
        lacks: 'ImagePolicyWebhook and PodTolerationRestriction, which are off by default; ClusterTrustBundleAttest, PodGroupProtection, JobValidation and NodeDeclaredFeatureValidator, whose APIs are not served',
      },
      {
        name: 'ValidatingAdmissionPolicy and MutatingAdmissionPolicy: parameters, variables, match conditions, warnings and audit annotations, reinvocation, type checking',
        shownBy: [...server('admissionPolicies'), 'test/controllers/policyStatus.test.ts'],
        lacks: 'their metrics',
      },
    ],
  },
  {
    title: 'Who may come in, and do what',
    features: [
      {
        name: 'Certificates, ServiceAccount tokens (bound, in Secrets), static and bootstrap tokens, OIDC by flags and by configuration with CEL, token webhook, authenticating proxy, impersonation, anonymous by configuration',
        shownBy: server('access', 'nodes'),
        lacks: 'distributed claims of OIDC; egress selectors',
      },
      { name: 'RBAC, Node, ABAC, webhooks, structured configuration with CEL; all review APIs; selectors in authorization', shownBy: [...server('access', 'nodes'), ...kubectl('discovery')], lacks: '`type: InClusterConfig`' },
      { name: 'Certificate requests and the four built-in signers', shownBy: ['test/controllers/certificates.test.ts'], lacks: 'files of its own for each signer' },
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

import type { FeatureGroup } from './features.ts';

const server = (...names: readonly string[]): readonly string[] => names.map((name) => `test/apiserver/${name}.test.ts`);
const clients = (...names: readonly string[]): readonly string[] => names.map((name) => `test/clients/${name}.ts`);
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
        lacks: 'a refused change of a pod shows of rarely used volumes the fields that are set only',
      },
      { name: 'Ratcheting: a fault that the stored object has already, at a place that an update leaves as it is, does not stand in the way (Kubernetes does so for fewer fields)', shownBy: server('onceAccepted', 'customResources') },
      { name: 'Strict addresses and ranges: no zeros in front, no IPv4 in IPv6, no bits beyond the prefix; what was stored before stays', shownBy: ['api/validation/ipText.test.ts', 'apiserver/handlers/ratcheting.test.ts'] },
      { name: 'Times, pointers and lists that nobody has set are null where Kubernetes prints them', shownBy: [...server('onceAccepted'), 'apiserver/codec/zeroValues.test.ts'] },
      { name: 'Names of Services that begin with a digit, also in Ingresses', shownBy: server('betaFeatures') },
      { name: 'Status, scale, ephemeral containers, resize, eviction, binding', shownBy: server('objects', 'surface') },
      {
        name: "Kubernetes' conformance tests of workloads, network, nodes, scheduling and storage, as far as they judge the API, the loops and the scheduler ([each of them](conformance-workloads.md))",
        shownBy: ['apps/cronJob', 'apps/daemonSet', 'apps/deployment', 'apps/disruption', 'apps/job', 'apps/replicaSet', 'apps/statefulSet', 'network/endpointSlice', 'network/service']
          .concat(['node/dra', 'node/objects', 'node/pods', 'node/taints', 'scheduling/limitRange', 'scheduling/scheduler', 'storage/storage'])
          .map((name) => `test/conformance/${name}.test.ts`),
      },
      {
        name: 'Server-side apply: exact field sets, conflicts, force, status and scale, upgrade from client-side apply',
        shownBy: [...server('apply', 'customResourcesApply'), ...kubectl('serverSideApply')],
      },
      { name: 'JSON, YAML and protobuf: requests, answers and watches', shownBy: [...server('protobuf', 'fuzz'), 'apiserver/codec/everyForm.test.ts'], lacks: 'CBOR, which is off by default' },
      {
        name: 'Lists and watches: streaming lists, bookmarks, resourceVersionMatch, pages across compaction, selectors, tables, metadata alone (JSON and protobuf), gzip',
        shownBy: server('collections', 'collectionForms', 'protobuf'),
      },
      { name: 'Discovery, OpenAPI with the values of enums, kubectl explain of every kind, strict validation', shownBy: [...server('surface'), ...kubectl('discovery', 'versions')] },
      { name: '`/statusz` and `/flagz` of the API server, as text and as objects of config.k8s.io', shownBy: server('betaFeatures'), lacks: 'those of the other components, whose ports ask nobody who he is' },
      { name: '`/livez`, `/readyz` and `/healthz` with Kubernetes\' names of what is done after the start', shownBy: server('betaFeatures', 'surface', 'outage'), lacks: 'etcd in `/livez`, so that no server is restarted for an etcd that is away' },
      { name: 'What the server keeps by itself: namespaces, priority classes, RBAC defaults, `kubernetes`, ServiceCIDR and IPAddress, ComponentStatuses, Leases of API servers', shownBy: [...server('defaultObjects', 'claims'), 'test/controllers/serviceCIDR.test.ts', 'apiserver/componentStatuses/componentStatuses.test.ts'] },
      {
        name: "Kubernetes' own end-to-end tests of api-machinery, auth, cli and instrumentation, [one by one](conformance.md)",
        shownBy: ['admissionPolicies', 'apiOperations', 'customResources', 'discovery', 'garbageCollector', 'integration', 'resourceQuota', 'rulesAndApply', 'watchers', 'webhooks'].map((name) => `test/conformance/apimachinery/${name}.test.ts`)
          .concat(['auth/auth', 'instrumentation/events', 'kubectl/kubectl', 'kubectl/scripts'].map((name) => `test/conformance/${name}.test.ts`)),
      },
      {
        name: 'Several API servers on one etcd',
        shownBy: server('several', 'concurrency', 'outage'),
        lacks: 'no request is handed on to a server of another version (UnknownVersionInteroperabilityProxy, which needs flags of its own): all versions of Gantry have had the same kinds so far',
      },
    ],
  },
  {
    title: 'Extensions',
    features: [
      {
        name: 'Custom resources: structural schemas, pruning, defaults, versions, status with observed generations, scale, columns, selectable fields, names and their conflicts, deletion, OpenAPI',
        shownBy: [...server('customResources', 'betaFeatures'), ...kubectl('customResources')],
      },
      { name: 'Rules of custom resources in CEL: transitions, messages, costs, ratcheting', shownBy: [...server('customResourceRules'), ...kubectl('customResourceRules')] },
      { name: 'Conversion of custom resources by webhook', shownBy: server('conversionWebhooks') },
      {
        name: 'Mutating and validating webhooks: rules, selectors, match conditions, equivalent versions, failure policy, reinvocation, by URL and by Service, identities that they are shown',
        shownBy: [...server('admissionWebhooks'), 'apiserver/webhooks/webhookClient.test.ts'],
      },
      { name: 'Aggregation: API services with availability, requests, watches and upgrades to extension API servers, merged discovery and OpenAPI', shownBy: [...server('aggregation'), ...kubectl('aggregation')] },
    ],
  },
  {
    title: 'Admission plugins',
    features: [
      { name: 'PodSecurity: every check of every version; enforce, audit and warn; warnings about templates and existing pods; defaults and exemptions', shownBy: server('podSecurity') },
      { name: 'ResourceQuota: every scope and countable resource, limitedResources, several API servers, resizes', shownBy: [...server('quota'), 'test/controllers/limits.test.ts'] },
      { name: 'StorageObjectInUseProtection with its controllers, DefaultStorageClass, PersistentVolumeClaimResize, RuntimeClass, PodTopologyLabels', shownBy: server('podSecurity') },
      { name: 'NodeRestriction', shownBy: server('nodes') },
      { name: 'Features that nodes declare: validation, NodeDeclaredFeatureValidator, the scheduler\'s NodeDeclaredFeatures; the kubelet declares what it has', shownBy: [...server('nodes'), 'test/scheduler/scheduler.test.ts'] },
      {
        name: 'The others that are on by default, and most that are off; `--enable-admission-plugins`, `--disable-admission-plugins`, `--admission-control-config-file`',
        shownBy: server('podSecurity'),
        lacks: 'ImagePolicyWebhook and PodTolerationRestriction, which are off by default; ClusterTrustBundleAttest, PodGroupProtection and JobValidation, whose APIs Kubernetes has off by default',
      },
      {
        name: 'ValidatingAdmissionPolicy and MutatingAdmissionPolicy: parameters, variables, match conditions, warnings and audit annotations, reinvocation, type checking',
        shownBy: [...server('admissionPolicies'), 'test/controllers/policyStatus.test.ts'],
      },
    ],
  },
  {
    title: 'Who may come in, and do what',
    features: [
      {
        name: 'Certificates, ServiceAccount tokens (bound, in Secrets, asked for by uid), static and bootstrap tokens, OIDC by flags and by configuration with CEL, token webhook, authenticating proxy, impersonation, anonymous by configuration',
        shownBy: server('access', 'nodes', 'betaFeatures'),
      },
      { name: 'Metrics of fetches of the issuers\' keys: when the last one succeeded and failed, and the hash of what came', shownBy: server('access') },
      { name: 'Egress selectors: Direct, and HTTPConnect by TCP, TLS and Unix sockets, to the cluster, the control plane and etcd', shownBy: server('egress'), lacks: 'GRPC, the protocol of konnectivity\'s own, of which there is no specification but its code' },
      { name: 'Writers of a ResourceClaim\'s status need rights of their own to allocate (`resourceclaims/binding`) and to speak for a driver\'s devices (`resourceclaims/driver`), for their node or any', shownBy: server('claims') },
      { name: 'RBAC, Node, ABAC, webhooks, structured configuration with CEL; all review APIs; selectors in authorization', shownBy: [...server('access', 'nodes'), ...kubectl('discovery')] },
      { name: 'Connections to pods by WebSocket need the verb `create`, too', shownBy: server('betaFeatures') },
      { name: 'Certificate requests and the four built-in signers, each with an authority of its own where that is wanted', shownBy: ['test/controllers/certificates.test.ts', 'cli/components/signingFlags.test.ts'] },
    ],
  },
  {
    title: 'Protection',
    features: [
      { name: 'Encryption at rest: aescbc, aesgcm, secretbox, KMS v2, rotation of keys', shownBy: server('encryption'), lacks: 'KMS v1, which Kubernetes has off by default' },
      { name: 'Priority and fairness: FlowSchemas, priority levels, queues, borrowing', shownBy: server('flowControl') },
      { name: 'Audit: policy, log and webhook', shownBy: server('audit') },
      { name: 'Limits of size, number and time', shownBy: [...server('limits', 'sockets', 'badInput', 'inheritedKeys'), 'test/fuzz/fuzz.test.ts', 'apiserver/fuzz.test.ts', 'apiserver/codec/fuzz.test.ts', 'api/cel/fuzz.test.ts', 'kubelet/server/streams/fuzz.test.ts'] },
      { name: 'HTTP/2 beside HTTP/1.1, on one port', shownBy: server('http2') },
      {
        name: 'kube-apiserver\'s flags in its words: who may come in and do what, admission, audit, encryption, flow control, time limits, browsers (CORS, HSTS), TLS versions, ciphers, curves and SNI certificates, `--runtime-config`, `--feature-gates`, etcd, log and metrics ([which do what](api-server-flags.md))',
        shownBy: [...server('main', 'access', 'flags'), 'test/clients/reference/flags.ts', 'cli/components/apiserver.test.ts', 'apiserver/runtimeConfig.test.ts', 'apiserver/features/featureGates.test.ts', 'apiserver/http/browserFront.test.ts'],
        lacks: 'what the server refuses rather than ignores: most gates to another value than their default, older versions to emulate, other prefixes and etcds for single kinds, tokens signed elsewhere; traces, and `/debug/pprof` and `/debug/flags`, which are Go\'s; flags that tune what is done another way are taken without effect',
      },
    ],
  },
  {
    title: 'Clients of others',
    features: [
      { name: 'kubectl 1.20, 1.32 and 1.36', shownBy: kubectl('versions', 'write', 'discovery') },
      { name: 'Kubernetes\' own libraries (apimachinery and apiserver 0.36, structured-merge-diff), asked by chance: what a request is about, its queue and its seats, files of configuration, tokens, values encrypted at rest, objects of every kind in JSON and protobuf, quantities, selectors, patches, who owns which fields after applies and updates, with the conflicts, and expressions in CEL: types, costs, values and faults', shownBy: clients('oracle/apimachinery') },
      { name: 'Kubernetes\' own server of custom resources (apiextensions-apiserver 0.36.4), [beside Gantry](decisions/reference.md) and sent the same', shownBy: clients('reference/reference') },
      { name: '`@kubernetes/client-node` 2.0: requests and informer', shownBy: clients('clientNode') },
      { name: 'client-go 1.36 in protobuf: informers, conflicts, apply, leader election, pages', shownBy: clients('informers') },
      {
        name: 'An operator of client-go in two replicas: two versions converted by webhook, defaulting and validating webhooks, server-side apply, finalizers, events, conditions, elections, restarts of the API server, deletions in every way',
        shownBy: clients('operator/goOperator'),
      },
      { name: 'An operator of `@dot-i/k8s-operator` 1.3 on `@kubernetes/client-node` 0.20', shownBy: clients('operator/nodeOperator') },
      { name: 'kustomize 5.8 with sets of kubectl (`--prune --applyset`)', shownBy: clients('kustomize') },
      { name: 'Kubernetes\' Python client 35: discovery, dynamic and typed clients, watches, leader election', shownBy: clients('pythonClient') },
    ],
  },
];

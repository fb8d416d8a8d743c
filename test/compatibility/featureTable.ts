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
        name: 'Lists and watches: streaming lists, bookmarks, resourceVersionMatch, pages across compaction, selectors, tables, metadata alone (JSON and protobuf), gzip',
        shownBy: server('collections', 'collectionForms', 'protobuf'),
        lacks: 'CBOR, which is off by default',
      },
      { name: 'Aggregation: API services with availability, requests, watches and upgrades to extension API servers, merged discovery and OpenAPI', shownBy: [...server('aggregation'), ...kubectl('aggregation')], lacks: 'its metrics' },
      { name: 'Discovery, OpenAPI, kubectl explain of every kind', shownBy: [...server('surface'), ...kubectl('discovery')] },
      { name: 'Defaulting, validation, status, scale, ephemeral containers, resize, eviction, binding', shownBy: server('objects', 'surface') },
      { name: 'Mutating and validating webhooks: rules, selectors, match conditions, equivalent versions, failure policy, reinvocation, by URL and by Service', shownBy: server('admissionWebhooks'), lacks: 'the API server shows webhooks no identity of its own (kubeConfigFile of an AdmissionConfiguration)' },
      { name: 'ValidatingAdmissionPolicy and MutatingAdmissionPolicy: parameters, variables, match conditions, warnings and audit annotations, reinvocation, type checking', shownBy: server('admissionPolicies') },
      { name: 'Conversion of custom resources by webhook', shownBy: server('conversionWebhooks') },
      { name: 'Several API servers on one etcd', shownBy: server('several', 'concurrency') },
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
    ],
  },
];

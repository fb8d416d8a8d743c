import { parse } from 'protobufjs';
import { openEnvelope } from '../codec/protobuf/envelope.ts';
import { discoveryMessage } from './discoveryMessage.ts';

const SHAPE = parse(`
  syntax = "proto2";
  message Kind { optional string group = 1; optional string version = 2; optional string kind = 3; }
  message Meta { optional string name = 1; }
  message Subresource { optional string subresource = 1; optional Kind responseKind = 2; repeated Kind acceptedTypes = 3; repeated string verbs = 4; }
  message Resource {
    optional string resource = 1; optional Kind responseKind = 2; optional string scope = 3; optional string singularResource = 4;
    repeated string verbs = 5; repeated string shortNames = 6; repeated string categories = 7; repeated Subresource subresources = 8;
  }
  message Version { optional string version = 1; repeated Resource resources = 2; optional string freshness = 3; }
  message Group { optional Meta metadata = 1; repeated Version versions = 2; }
  message List { optional Meta metadata = 1; repeated Group items = 2; }
`);
const list = SHAPE.root.lookupType('List');

test('the document can be read back', () => {
  const items = [
    {
      metadata: { name: 'apps' },
      versions: [{ version: 'v1', resources: [{ resource: 'deployments', responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' }, scope: 'Namespaced', verbs: ['get', 'list'], subresources: [{ subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get'] }] }], freshness: 'Current' }],
    },
    { metadata: { name: 'a.example' }, versions: [{ version: 'v1', freshness: 'Stale' }] },
  ];
  const bytes = discoveryMessage({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items });
  const { apiVersion, kind: name, raw } = openEnvelope(bytes);
  expect([apiVersion, name]).toEqual(['apidiscovery.k8s.io/v2', 'APIGroupDiscoveryList']);
  expect(list.toObject(list.decode(raw))).toEqual({ metadata: {}, items });
});

test('what an extension server made up is left out', () => {
  const of = (versions: unknown): Buffer => discoveryMessage({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: [{ metadata: { name: 'x' }, versions }] });
  expect(of([{ version: 7, resources: 'none', freshness: null }, 'v1', null])).toEqual(of([{}]));
});

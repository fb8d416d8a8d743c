import { served } from './customResources.ts';
import type { Pair } from './referenceServer.ts';

export const GROUP = 'gates.example.com';
/** Where Gates of a version are, in the namespace of the comparison. */
export const gatesPath = (version = 'v1', namespace = 'default'): string => `/apis/${GROUP}/${version}/namespaces/${namespace}/gates`;

const TEXT = { type: 'string' };
const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', minimum: 0 },
        text: TEXT,
        defaulted: { ...TEXT, default: 'of the schema' },
        list: { type: 'array', items: TEXT },
        ports: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', required: ['name'], properties: { name: TEXT, port: { type: 'integer' }, host: TEXT } } },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: TEXT },
        map: { type: 'object', additionalProperties: TEXT },
        amount: { 'x-kubernetes-int-or-string': true },
        number: { type: 'number' },
        flag: { type: 'boolean', nullable: true },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: TEXT, b: TEXT } },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: TEXT } },
  },
};
const version = (name: string, storage: boolean): object => ({ name, served: true, storage, schema: { openAPIV3Schema: SCHEMA }, subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } } });

/** Defines a kind of two versions with the subresources status and scale, on both. */
export async function defineGates(pair: Pair): Promise<void> {
  const spec = { group: GROUP, scope: 'Namespaced', names: { plural: 'gates', singular: 'gate', kind: 'Gate', listKind: 'GateList', categories: ['all'] }, versions: [version('v1', true), version('v2', false)] };
  const body = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `gates.${GROUP}` }, spec };
  for (const side of [pair.gantry, pair.kubernetes]) {
    await side.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body);
    for (const each of ['v1', 'v2']) await served(side, gatesPath(each));
  }
}

/** A Gate that its label makes the business of a webhook or a policy. */
export const gate = (label: string, spec: object = { replicas: 1, text: 'a' }, name = label, more: object = {}): object => ({ apiVersion: `${GROUP}/v1`, kind: 'Gate', metadata: { name, labels: { case: label }, ...more }, spec });

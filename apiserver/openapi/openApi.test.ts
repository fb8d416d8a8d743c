import { ApiError } from '../../api/apiError.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { Registry } from '../registry.ts';
import type { ApiRequest } from '../types.ts';
import { OpenApi } from './openApi.ts';
import { answerOpenApi } from './openApiHandler.ts';
import { pathsOf } from './operations.ts';

const POD: ResourceDefinition = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', singular: 'pod', namespaced: true, model: 'V1Pod', hasStatus: true };
const NODE: ResourceDefinition = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', singular: 'node', namespaced: false, model: 'V1Node' };
const DEPLOYMENT: ResourceDefinition = {
  group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', singular: 'deployment', namespaced: true, model: 'V1Deployment', hasStatus: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
};
const REVIEW: ResourceDefinition = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview', plural: 'tokenreviews', singular: 'tokenreview', namespaced: false, model: 'V1TokenReview', verbs: ['create'] };

interface Json { [key: string]: Json }

const schema = loadSchema();
const registry = new Registry([POD, NODE, DEPLOYMENT, REVIEW]);
const openApi = new OpenApi(schema, registry, 'v1.36.0');
const json = (body: Buffer): Json => JSON.parse(body.toString()) as Json;

function get(path: string, headers: ApiRequest['headers'] = {}) {
  const url = new URL(path, 'https://cluster');
  return answerOpenApi(openApi, { path: url.pathname, query: url.searchParams, headers });
}

describe('paths', () => {
  const pathsFor = (definition: ResourceDefinition): string[] => {
    const served = new Registry([definition]).all[0]!;
    return pathsOf(served).map((path) => `${path.path} ${path.operations.map((operation) => operation.action).join(' ')}`);
  };
  it('follow from scope, verbs and subresources', () => {
    expect(pathsFor(DEPLOYMENT)).toEqual([
      '/apis/apps/v1/deployments list',
      '/apis/apps/v1/namespaces/{namespace}/deployments list post deletecollection',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name} get put patch delete',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale get patch put',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status get patch put',
    ]);
    expect(pathsFor(REVIEW)).toEqual(['/apis/authentication.k8s.io/v1/tokenreviews post']);
    expect(pathsFor(NODE)[0]).toBe('/api/v1/nodes list post deletecollection');
    expect(pathsFor(POD)).toContain('/api/v1/namespaces/{namespace}/pods/{name}/exec connect connect');
  });
});

describe('the v2 document', () => {
  const document = json(openApi.v2('json').body);
  it('has definitions with kinds, merge keys and value types', () => {
    const definitions = document['definitions']!;
    expect(definitions['io.k8s.api.core.v1.Pod']!['x-kubernetes-group-version-kind']).toEqual([{ group: '', version: 'v1', kind: 'Pod' }]);
    expect(definitions['io.k8s.api.core.v1.PodSpec']!['properties']!['containers']).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    });
    expect(definitions['io.k8s.api.core.v1.PodSpec']!['required']).toEqual(['containers']);
    expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ type: 'string', format: 'int-or-string' });
    expect(definitions['io.k8s.api.autoscaling.v1.Scale']).toBeDefined();
    expect(definitions['io.k8s.api.batch.v1.Job']).toBeUndefined();
    expect(definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']!['x-kubernetes-group-version-kind']).toContainEqual({ group: 'apps', version: 'v1', kind: 'DeleteOptions' });
  });
  it('says something of every field', () => {
    const silent = Object.entries(document['definitions']!).flatMap(([name, { properties = {}, description }]) => [
      ...(description ? [] : [name]),
      ...Object.entries(properties).flatMap(([property, { description: text }]) => (text ? [] : [`${name}.${property}`])),
    ]);
    // Kubernetes has none of these fields either.
    expect(silent.filter((each) => !/\.(JSONSchemaProps|ExternalDocumentation|WatchEvent)\./.test(each))).toEqual([]);
    expect(document['definitions']!['io.k8s.api.core.v1.Pod']!['properties']!['metadata']!['description']).toMatch(/^Standard object's metadata\./);
  });
  it('refers only to definitions that it has', () => {
    const definitions = document['definitions']!;
    const missing = [...JSON.stringify(document).matchAll(/"#\/definitions\/([^"]+)"/g)].map((match) => match[1]!).filter((name) => !definitions[name]);
    expect(missing).toEqual([]);
  });
  it('says that a patch takes fieldValidation and dryRun', () => {
    const patch = document['paths']!['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!['patch']!;
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
    expect((patch['parameters'] as unknown as { name: string }[]).map((each) => each.name)).toEqual(['body', 'dryRun', 'fieldManager', 'fieldValidation', 'force']);
  });
});

describe('v3', () => {
  it('lists a document per group and version', () => {
    const paths = json(get('/openapi/v3').body as Buffer)['paths']!;
    expect(Object.keys(paths)).toEqual(['api/v1', 'apis/apps/v1', 'apis/authentication.k8s.io/v1']);
    expect(paths['apis/apps/v1']!['serverRelativeURL']).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}$/);
  });
  it('documents hold only their group, and wrap references that have siblings', () => {
    const document = json(get('/openapi/v3/apis/apps/v1').body as Buffer);
    expect(Object.keys(document['paths']!).every((path) => path.startsWith('/apis/apps/v1/'))).toBe(true);
    const schemas = document['components']!['schemas']!;
    expect(schemas['io.k8s.api.core.v1.ServicePort']).toBeUndefined();
    expect(schemas['io.k8s.api.core.v1.ContainerPort']!['properties']!['protocol']).toMatchObject({ default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'], description: expect.stringMatching(/\n\nPossible enum values:\n - `"SCTP"`\n - `"TCP"`\n - `"UDP"`$/) });
    expect(schemas['io.k8s.api.apps.v1.RollingUpdateDeployment']!['properties']!['maxSurge']).toMatchObject({ allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' }] });
  });
  it('redirects an old hash, lets a current one be kept, and knows what a client has', () => {
    const index = JSON.parse((get('/openapi/v3').body as Buffer).toString()) as { paths: Record<string, { serverRelativeURL: string }> };
    const url = index.paths['api/v1']!.serverRelativeURL;
    expect(get(url).headers['cache-control']).toBe('public, immutable');
    expect(get('/openapi/v3/api/v1?hash=OLD')).toMatchObject({ status: 301, headers: { location: url } });
    const etag = get('/openapi/v3/api/v1').headers['etag'];
    expect(get('/openapi/v3/api/v1', { 'if-none-match': etag }).status).toBe(304);
  });
  it('refuses unknown groups and media types', () => {
    expect(() => get('/openapi/v3/apis/nothing/v1')).toThrow('the server could not find the requested resource');
    expect(() => get('/openapi/v2', { accept: 'text/html' })).toThrow(ApiError);
  });
});

describe('the protobuf form', () => {
  it.each(['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'])('is sent for %s', (accept) => {
    const response = get('/openapi/v2', { accept });
    expect(response.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    const body = response.body as Buffer;
    // Field 1 of Document: `swagger`.
    expect(body.subarray(0, 5)).toEqual(Buffer.from('\x0a\x032.0'));
    expect(body.includes('io.k8s.api.core.v1.PodSpec')).toBe(true);
  });
  it('of v3 begins with its version', () => {
    const body = get('/openapi/v3/api/v1', { accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' }).body as Buffer;
    expect(body.subarray(0, 7)).toEqual(Buffer.from('\x0a\x053.0.0'));
  });
});

it('documents and hashes follow the registry', () => {
  const changing = new Registry([POD]);
  const documents = new OpenApi(schema, changing, 'v1.36.0');
  const before = documents.v3Index().get('api/v1');
  expect(documents.v3('apis/apps/v1', 'json')).toBeUndefined();
  changing.setCustom('others', [NODE, DEPLOYMENT]);
  expect(documents.v3Index().get('api/v1')).not.toBe(before);
  expect(documents.v3('apis/apps/v1', 'json')).toBeDefined();
});

import { startHandlers, type TestApi } from '../rig/apiserver.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
}, 30_000);
afterAll(async () => api.close());

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
test('smoke', async () => {
  const answer = await api.request('POST', CRDS, {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'cranes.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane', shortNames: ['cr'] }, versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'red', enum: ['red', 'blue'] } } }, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } } }] },
  });
  console.log(answer.status, JSON.stringify(answer.json));
  const at = performance.now();
  for (;;) {
    const list = await api.request('GET', '/apis/example.com/v1/namespaces/default/cranes');
    if (list.status === 200) { console.log('served after', performance.now() - at, list.text); break; }
    if (performance.now() - at > 5000) throw new Error(list.text);
  }
  console.log(JSON.stringify((await api.request('GET', `${CRDS}/cranes.example.com`)).json.status));
  const post = (body: unknown, q = ''): Promise<unknown> => api.request('POST', `/apis/example.com/v1/namespaces/default/cranes${q}`, body).then((a) => console.log(a.status, a.text, a.headers['warning']));
  await post({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'a' }, spec: { size: 'x', color: 'green', foo: 1 } });
  await post({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'a' }, spec: { size: 2, foo: 1 }, status: { a: 1 } });
  await post({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'b' }, spec: { size: 2, foo: 1 } }, '?fieldValidation=Strict');
  const patch = (type: string, body: unknown, sub = ''): Promise<unknown> => api.request('PATCH', `/apis/example.com/v1/namespaces/default/cranes/a${sub}`, body, { 'content-type': type }).then((a) => console.log(a.status, a.text));
  await patch('application/strategic-merge-patch+json', {});
  await patch('application/merge-patch+json', { spec: { size: 3 } });
  await patch('application/merge-patch+json', { spec: { size: 9 }, status: { b: 2 } }, '/status');
  await patch('application/merge-patch+json', { spec: { size: 0 } });
  console.log((await api.request('GET', '/apis/example.com/v1')).text);
  console.log((await api.request('GET', '/apis/example.com/v1/cranes', undefined, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })).text);
  console.log((await api.request('DELETE', `${CRDS}/cranes.example.com`)).text);
  const t2 = performance.now();
  for (;;) {
    const got = await api.request('GET', `${CRDS}/cranes.example.com`);
    if (got.status === 404) break;
    if (performance.now() - t2 > 5000) throw new Error(got.text);
  }
  console.log('deleted after', performance.now() - t2, (await api.request('GET', '/apis/example.com/v1/cranes')).text);
}, 30_000);

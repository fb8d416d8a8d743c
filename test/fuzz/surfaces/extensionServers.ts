import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Call, Reply } from '../fuzzCase.ts';
import type { Surface } from './surface.ts';

const GROUP = 'extension.example.com';
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };

/** Extension servers that answer discovery, OpenAPI and requests with anything. */
export const extensionServers: Surface = {
  name: 'extensionServers',
  generate: (input) => {
    const calls: Call[] = [
      { method: 'POST', path: '/api/v1/namespaces/default/services', body: { metadata: { name: 'fuzzed' }, spec: { type: 'ExternalName', externalName: 'localhost' } } },
      { method: 'POST', path: '/apis/apiregistration.k8s.io/v1/apiservices', body: { metadata: { name: `v1.${GROUP}` }, spec: { group: GROUP, version: 'v1', service: { name: 'fuzzed', namespace: 'default', port: 'REPLY-PORT' }, groupPriorityMinimum: 100, versionPriority: 10, ...(input.chance(0.5) ? { insecureSkipTLSVerify: true } : { caBundle: 'CA-BUNDLE' }) } } },
    ];
    for (let round = 0; round < 3; round += 1) {
      calls.push({ method: 'GET', path: `/apis/${GROUP}/v1/things`, headers: { accept: input.pick(['application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io']) } });
      calls.push({ method: 'GET', path: '/apis', headers: AGGREGATED }, { method: 'GET', path: input.pick(['/openapi/v2', '/openapi/v3', `/openapi/v3/apis/${GROUP}/v1`, `/apis/${GROUP}`]) });
    }
    return { calls, replies: { apis: answer(input, discovery(input)), openapi: answer(input, openApi(input)), '*': answer(input, input.value(4)) } };
  },
};

function answer(input: RandomInput, body: unknown): Reply {
  return { status: input.pick([200, 200, 200, 200, 404, 503, 304]), body: input.chance(0.15) ? input.mangled(JSON.stringify(body) ?? '').toString('latin1') : body };
}

function discovery(input: RandomInput): unknown {
  const resource = { name: input.pick(['things', 'things/status', 'constructor', '__proto__', '', 'a/b/c']), resource: input.pick(['things', '__proto__', 7]), singularName: 'thing', singularResource: 'thing', namespaced: true, scope: input.pick(['Namespaced', 'Cluster', 'x']), kind: 'Thing', responseKind: input.pick([{ group: GROUP, version: 'v1', kind: 'Thing' }, null, {}]), verbs: input.pick([['get', 'list'], 'get', null, [7]]), shortNames: input.pick([undefined, ['constructor'], 'x']), subresources: input.pick([undefined, [{ subresource: 'status', verbs: ['get'] }], {}, [null]]) };
  const resources = input.chance(0.9) ? Array.from({ length: input.below(3) }, () => (input.chance(0.9) ? resource : input.value(1))) : input.value(2);
  const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: input.pick([`${GROUP}/v1`, 'x', null]), resources };
  const groups = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items: input.pick([[{ metadata: { name: input.pick([GROUP, '', 'apps', '__proto__']) }, versions: [{ version: input.pick(['v1', 'constructor', '']), resources, freshness: 'Current' }] }], [null], 7, [{ metadata: null, versions: 7 }]]) };
  return input.pick([list, groups, groups, input.value(3)]);
}

/** An OpenAPI document, v2 or v3, with definitions that meet ours and names that meet JavaScript's. */
export function openApi(input: RandomInput): unknown {
  const name = (): string => input.pick(['io.k8s.api.core.v1.Pod', 'com.example.Thing', 'constructor', '__proto__', 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'a/b', '']);
  const schema = (): unknown => input.pick([{ type: 'object', properties: { a: { $ref: `#/definitions/${name()}` } } }, { $ref: `#/definitions/${name()}` }, input.value(3), { type: 'string' }]);
  const definitions = Object.fromEntries(Array.from({ length: input.below(4) }, () => [name(), schema()]));
  const paths = Object.fromEntries(Array.from({ length: input.below(3) }, () => [input.pick([`/apis/${GROUP}/v1/things`, `/apis/${GROUP}/v1`, '/api/v1/pods', '__proto__', '']), { get: { responses: { 200: { description: 'OK', schema: schema() } }, [input.pick(['tags', 'constructor', 'x-a', 'parameters'])]: input.value(2) } }]));
  return input.pick([{ swagger: '2.0', info: { title: 't', version: 'v' }, paths, definitions }, { openapi: '3.0.0', paths, components: { schemas: definitions } }, { paths: { [`apis/${GROUP}/v1`]: { serverRelativeURL: input.pick(['/openapi/v3/x?hash=1', '', 'https://b/', 7]) } } }, input.value(3)]);
}

import { leadsNowhere, parseRequestInfo, remainder } from './requestInfo.ts';

const info = (method: string, target: string) => {
  const [path, query] = target.split('?');
  const { isResourceRequest, path: _, ...rest } = parseRequestInfo(method, path!, new URLSearchParams(query ?? ''));
  return isResourceRequest ? `${rest.verb} ${rest.group}/${rest.version} ${rest.resource}/${rest.subresource} ns=${rest.namespace} name=${rest.name}` : `other ${rest.verb}`;
};

test.each([
  ['GET', '/api/v1/namespaces/default/pods', 'list /v1 pods/ ns=default name='],
  ['GET', '/api/v1/namespaces/default/pods?watch=true', 'watch /v1 pods/ ns=default name='],
  ['GET', '/api/v1/watch/namespaces/default/pods/web', 'watch /v1 pods/ ns=default name=web'],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dweb', 'list /v1 pods/ ns= name=web'],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dweb&limit=x', 'list /v1 pods/ ns= name='],
  ['GET', '/api/v1/namespaces/default/pods/web?watch=true', 'get /v1 pods/ ns=default name=web'],
  ['GET', '/api/v1/namespaces/default/pods?watch=F', 'watch /v1 pods/ ns=default name='],
  ['GET', '/api/v1/namespaces/default/pods/web%2Flog', 'get /v1 pods/log ns=default name=web'],
  ['POST', '/api/v1/watch/pods', 'watch /v1 pods/ ns= name='],
  ['GET', '/api/v1/proxy/nodes/a/b', 'proxy /v1 nodes/ ns= name=a'],
  ['GET', '/api/v1/namespaces', 'list /v1 namespaces/ ns= name='],
  ['GET', '/api/v1/namespaces/blue', 'get /v1 namespaces/ ns=blue name=blue'],
  ['PUT', '/api/v1/namespaces/blue/finalize', 'update /v1 namespaces/finalize ns=blue name=blue'],
  ['DELETE', '/apis/apps/v1/namespaces/blue/deployments', 'deletecollection apps/v1 deployments/ ns=blue name='],
  ['DELETE', '/apis/apps/v1/namespaces/blue/deployments/web', 'delete apps/v1 deployments/ ns=blue name=web'],
  ['POST', '/api/v1/namespaces/blue/pods/web/binding', 'create /v1 pods/binding ns=blue name=web'],
  ['PATCH', '/apis/apps/v1/namespaces/blue/deployments/web/scale', 'patch apps/v1 deployments/scale ns=blue name=web'],
  ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode', 'get rbac.authorization.k8s.io/v1 clusterroles/ ns= name=system:node'],
  ['GET', '/apis', 'other get'],
  ['GET', '/apis/apps/v1', 'other get'],
  ['POST', '/healthz', 'other post'],
])('%s %s', (method, target, expected) => expect(info(method, target)).toBe(expected));

test('a verb in the path needs something behind it', () => expect(() => parseRequestInfo('GET', '/api/v1/watch', new URLSearchParams())).toThrow('unable to determine kind and namespace from url, /api/v1/watch'));

test('a path with a broken escape is refused', () => expect(() => parseRequestInfo('GET', '/api/v1/pods/%zz', new URLSearchParams())).toThrow('invalid URL escape'));

test.each([
  ['/api/v1/namespaces/a/services/web/proxy', ''],
  ['/api/v1/namespaces/a/services/web/proxy/', '/'],
  ['/api/v1/namespaces/a/services/https:web:443/proxy/x/y', '/x/y'],
  ['/api/v1/namespaces/a/services/https%3Aweb%3A443/proxy/x%2Fy', '/x%2Fy'],
  ['/api/v1/namespaces/proxy/pods/namespaces/proxy/x', '/x'],
])('what is behind %s is %s', (path, rest) => expect(remainder(parseRequestInfo('GET', path, new URLSearchParams()))).toBe(rest));

test('a slash parts a path, encoded or not; two at its beginning are read as one, and lead nowhere', () => {
  const none = new URLSearchParams();
  expect(parseRequestInfo('GET', '/api/v1/namespaces/d/pods/a%2Fstatus', none)).toMatchObject({ name: 'a', subresource: 'status' });
  const info = parseRequestInfo('GET', '//api/v1/pods', none);
  expect([info.isResourceRequest, info.resource, leadsNowhere(info)]).toEqual([true, 'pods', true]);
});

test('an object that is named is got, not watched', () => {
  expect(parseRequestInfo('GET', '/api/v1/namespaces/d/pods/a', new URLSearchParams('watch=true')).verb).toBe('get');
});

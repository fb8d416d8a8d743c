import { directoryOf, resourcePrefixOf } from './keys.ts';

test.each([
  ['/registry/pods/default/web', '/registry/pods/'],
  ['/registry/pods/default/', '/registry/pods/'],
  ['/registry/pods/', '/registry/pods/'],
  ['/registry/nodes/n1', '/registry/nodes/'],
  ['/registry/apps/deployments/default/web', '/registry/apps/deployments/'],
  ['/registry/apps/deployments/', '/registry/apps/deployments/'],
  ['/registry/rbac.authorization.k8s.io/clusterroles/system:node', '/registry/rbac.authorization.k8s.io/clusterroles/'],
  ['/registry/example.com/things/', '/registry/example.com/things/'],
  ['/registry/.gantry/nodeports/30000', '/registry/.gantry/nodeports/'],
  ['/registry/.gantry/tick', '/registry/.gantry/'],
])('%s belongs to %s', (key, prefix) => {
  expect(resourcePrefixOf(key)).toBe(prefix);
});

test('the directory is the key up to the name', () => {
  expect(directoryOf('/registry/pods/default/web')).toBe('/registry/pods/default/');
  expect(directoryOf('/registry/nodes/n1')).toBe('/registry/nodes/');
});

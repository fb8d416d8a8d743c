import { isExempt, matchesRule, type Subject } from './matchRules.ts';

const POD: Subject = { operation: 'CREATE', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'default' };
const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] };

it.each<[string, object, Partial<Subject>, boolean]>([
  ['what it names', {}, {}, true],
  ['no other operation', {}, { operation: 'DELETE' }, false],
  ['every operation', { operations: ['*'] }, { operation: 'CONNECT' }, true],
  ['no other group', {}, { group: 'apps' }, false],
  ['every group', { apiGroups: ['*'] }, { group: 'apps' }, true],
  ['no other version', {}, { version: 'v2' }, false],
  ['no subresource unless it says so', {}, { subresource: 'status' }, false],
  ['every resource, but no subresource', { resources: ['*'] }, { subresource: 'status' }, false],
  ['every subresource of one resource', { resources: ['pods/*'] }, { subresource: 'exec' }, true],
  ['the resource, too, with all of its subresources', { resources: ['pods/*'] }, {}, true],
  ['one subresource of every resource', { resources: ['*/scale'] }, { resource: 'deployments', subresource: 'scale' }, true],
  ['everything', { resources: ['*/*'] }, { resource: 'x', subresource: 'y' }, true],
  ['objects in namespaces', { scope: 'Namespaced' }, {}, true],
  ['not those of the cluster', { scope: 'Namespaced', resources: ['*'] }, { resource: 'nodes', namespace: '' }, false],
  ['nor namespaces, which are named like their own', { scope: 'Namespaced', resources: ['*'] }, { resource: 'namespaces' }, false],
  ['objects of the cluster', { scope: 'Cluster', resources: ['*'] }, { resource: 'namespaces' }, true],
  ['both', { scope: '*' }, {}, true],
])('a rule covers %s', (_, more, subject, covered) => {
  expect(matchesRule({ ...rule, ...more }, { ...POD, ...subject })).toBe(covered);
});

it('what configures admission is exempt', () => {
  expect(isExempt({ group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' })).toBe(true);
  expect(isExempt({ group: 'example.com', resource: 'mutatingwebhookconfigurations' })).toBe(false);
});

import type { ObjectMetaDraft } from '../../api/meta.ts';
import { dropDuplicateOwners } from './duplicateOwners.ts';

const owner = (uid: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', name: uid, uid, ...more });

test('what is there twice in all fields is dropped with a warning, what differs stays', () => {
  const metadata: ObjectMetaDraft = { ownerReferences: [owner('a'), owner('b'), owner('a'), owner('a', { controller: true })] };
  const warnings: string[] = [];
  dropDuplicateOwners(metadata, 'asSent', (text) => warnings.push(text));
  expect(metadata.ownerReferences).toEqual([owner('a'), owner('b'), owner('a', { controller: true })]);
  dropDuplicateOwners(metadata, 'afterAdmission', (text) => warnings.push(text));
  expect(warnings).toEqual(['.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: a']);
});

test('what admission doubled is told apart', () => {
  const warnings: string[] = [];
  dropDuplicateOwners({ ownerReferences: [owner('a'), owner('a')] }, 'afterAdmission', (text) => warnings.push(text));
  expect(warnings[0]).toMatch(/^\.metadata\.ownerReferences contains duplicate entries after mutating admission happens; API server dedups/);
});

import { forbidden } from '../../api/fieldError.ts';
import type { ExtraRight } from '../../api/resourceDefinition.ts';
import type { UserInfo } from '../types.ts';
import { verbsOf } from './extraRights.ts';

const right = (byNode?: string): ExtraRight => ({ subresource: 'driver', name: 'd', ...(byNode === undefined ? {} : { byNode }), otherwise: (_verbs, refusal) => forbidden('status', refusal) });
const account = (...nodes: string[]): UserInfo => ({ name: 'system:serviceaccount:kube-system:driver', groups: [], extra: { 'authentication.kubernetes.io/node-name': nodes } });

test('only an account that is bound to the node of the object may come with the smaller right', () => {
  expect(verbsOf(right(), 'patch', account('n1'))).toEqual(['patch']);
  expect(verbsOf(right('n1'), 'update', account('n1'))).toEqual(['associated-node:update', 'arbitrary-node:update']);
  const strangers: [string, UserInfo][] = [['n2', account('n1')], ['', account('')], ['n1', account('n1', 'n2')], ['n1', account()], ['n1', { ...account('n1'), name: 'jane' }], ['n1', { ...account('n1'), name: 'system:node:n1' }]];
  for (const [node, user] of strangers) expect(verbsOf(right(node), 'update', user)).toEqual(['arbitrary-node:update']);
});

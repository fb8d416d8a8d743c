import https from 'node:https';
import { seededRandom } from '../../../api/schema/seededRandom.ts';
import { send } from '../../rig/apiserver.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { Exchange } from './exchange.ts';
import type { Pair, Side } from './referenceServer.ts';

const SEED = 5_284;
const ROUNDS = 250;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const PATHS = ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldSelector=metadata.name%3Dnone', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/none', '/readyz/ping'];
const USERS = ['jane', 'admin-a', 'system:anonymous', 'system:serviceaccount:default:default', 'system:serviceaccount:default:UPPER', 'system:serviceaccount:a:b:c', 'system:node:n1', 'system:node:N_1', 'system:node:', 'system:masters', ''];
const GROUPS = ['dev', 'system:masters', 'system:authenticated', 'system:unauthenticated', 'system:serviceaccounts', '', 'a', 'b', 'c'];
const UIDS = ['u-1', ''];
const EXTRAS = ['Impersonate-Extra-scopes', 'Impersonate-Extra-Example.com%2fa', 'Impersonate-Extra-kubernetes.io%2fx', 'Impersonate-Extra-a', 'Impersonate-Extra-b', 'Impersonate-Extra-c', 'Impersonate-Extra-', 'Impersonate-Extra-UPPER%20x'];

/** What the accounts may that impersonate: each has one rule of these, and all of them the first. */
const RIGHTS: Readonly<Record<string, readonly object[]>> = {
  nothing: [],
  old: [{ apiGroups: [''], resources: ['users', 'groups', 'serviceaccounts'], verbs: ['impersonate'] }, { apiGroups: ['authentication.k8s.io'], resources: ['userextras/scopes', 'uids'], verbs: ['impersonate'] }],
  'old-names': [{ apiGroups: [''], resources: ['users'], resourceNames: ['jane'], verbs: ['impersonate'] }, { apiGroups: [''], resources: ['groups'], resourceNames: ['dev', 'system:masters'], verbs: ['impersonate'] }],
  constrained: [
    { apiGroups: ['authentication.k8s.io'], resources: ['users', 'groups', 'uids', 'userextras', 'userextras/*'], verbs: ['impersonate:user-info'] },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['*'], verbs: ['impersonate-on:user-info:list'] },
  ],
  accounts: [
    { apiGroups: ['authentication.k8s.io'], resources: ['serviceaccounts'], verbs: ['impersonate:serviceaccount'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['nodes'], verbs: ['impersonate:arbitrary-node'] },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['*'], verbs: ['impersonate-on:serviceaccount:list', 'impersonate-on:arbitrary-node:get'] },
  ],
};

/** Requests in others' names, with all sorts of headers, by accounts that may and may not (KEP-5284). */
export async function compareImpersonation(pair: Pair): Promise<Comparison> {
  const random = seededRandom(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const some = <T>(from: readonly T[], most: number): T[] => Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(from));
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  // Without a certificate: who asks is said by a token.
  const bare = (side: Side): Side => ({ ...side, agent, request: (method, path, body, headers) => send(agent, side.port, method, path, body, headers) });
  const exchange = new Exchange({ ...pair, gantry: bare(pair.gantry), kubernetes: bare(pair.kubernetes) });
  try {
    const tokens: Record<string, string> = {};
    for (const [name, rules] of Object.entries(RIGHTS)) tokens[name] = await account(pair.gantry, name, rules);
    const names = Object.keys(tokens);
    for (let round = 0; round < ROUNDS; round += 1) {
      const headers: Record<string, string | string[]> = { authorization: `Bearer ${tokens[pick(names)]}` };
      if (random() < 0.9) headers['Impersonate-User'] = pick(USERS);
      if (random() < 0.4) headers['Impersonate-Group'] = [pick(GROUPS), ...some(GROUPS, 4)];
      if (random() < 0.2) headers['Impersonate-Uid'] = pick(UIDS);
      // Of several, Kubernetes asks in an order of chance.
      if (random() < 0.4) headers[pick(EXTRAS)] = [pick(['x', 'y']), ...some(['x', 'y', ''], 4)];
      // Node's client takes lists for several headers of one name.
      await exchange.both({ method: 'GET', path: pick(PATHS), headers: headers as Record<string, string> });
    }
  } finally {
    agent.destroy();
  }
  return exchange.differences;
}

/** A service account with these rights; its token, when it has them. */
async function account(side: Side, name: string, rules: readonly object[]): Promise<string> {
  const id = `impersonator-${name}`;
  await side.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: id } });
  await side.request('POST', `${RBAC}/clusterroles`, { metadata: { name: id }, rules });
  await side.request('POST', `${RBAC}/clusterrolebindings`, { metadata: { name: id }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: id }, subjects: [{ kind: 'ServiceAccount', name: id, namespace: 'default' }] });
  const { json } = await side.request('POST', `/api/v1/namespaces/default/serviceaccounts/${id}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  return (json as { readonly status: { readonly token: string } }).status.token;
}

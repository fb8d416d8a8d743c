import { ApiError } from '../../api/apiError.ts';
import type { V1ClusterRole, V1ClusterRoleBinding } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';

const NAME = 'gantry-dns';
/** As its certificate says. */
const USER = 'gantry:dns';
const LABELS = { 'app.kubernetes.io/managed-by': 'gantry' };

/** What the cluster DNS may do: read Services and their endpoints, and publish where it listens. */
const role: Draft<V1ClusterRole> = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: NAME, labels: LABELS },
  rules: [
    { apiGroups: [''], resources: ['services', 'namespaces', 'nodes', 'pods', 'endpoints'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] },
    { apiGroups: [''], resources: ['services'], verbs: ['create'] },
  ],
};

const binding: Draft<V1ClusterRoleBinding> = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: NAME, labels: LABELS },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: USER }],
};

/** Puts into the cluster what its own parts need and Kubernetes has no default for. What is there already stays. */
export async function publishAddons(client: KubeClient): Promise<void> {
  await unlessPresent(client.create(ClusterRoles, role));
  await unlessPresent(client.create(ClusterRoleBindings, binding));
}

async function unlessPresent(create: Promise<unknown>): Promise<void> {
  try {
    await create;
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
  }
}

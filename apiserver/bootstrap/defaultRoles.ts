import type { V1ClusterRole, V1ClusterRoleBinding, V1Role, V1RoleBinding } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { ANNOTATION_RBAC_AUTOUPDATE, LABEL_BOOTSTRAPPING } from '../../api/wellKnown.ts';
import { clusterBindings, namespaceBindings, type DefaultBinding } from './roles/bindings.ts';
import { componentRoles } from './roles/componentRoles.ts';
import { controllerRoles } from './roles/controllerRoles.ts';
import { gantryRoles } from './roles/gantryRoles.ts';
import { namespaceRoles } from './roles/namespaceRoles.ts';
import type { DefaultRole } from './roles/rules.ts';
import { userRoles } from './roles/userRoles.ts';

const GROUP = 'rbac.authorization.k8s.io';
const apiVersion = `${GROUP}/v1`;

type Meta = Draft<V1ClusterRole>['metadata'];

function metadata(name: string, namespace?: string, labels: Readonly<Record<string, string>> = {}): Meta {
  return { name, ...(namespace === undefined ? {} : { namespace }), labels: { [LABEL_BOOTSTRAPPING]: 'rbac-defaults', ...labels }, annotations: { [ANNOTATION_RBAC_AUTOUPDATE]: 'true' } };
}

function clusterRole({ name, labels, rules, aggregates }: DefaultRole): Draft<V1ClusterRole> {
  const aggregation = aggregates && { aggregationRule: { clusterRoleSelectors: aggregates.map((each) => ({ matchLabels: { [each]: 'true' } })) } };
  return { apiVersion, kind: 'ClusterRole', metadata: metadata(name, undefined, labels), ...(aggregation ? { ...aggregation } : { rules }) };
}

function bindingParts({ name, role, isRole, subjects }: DefaultBinding): { name: string; rest: Pick<V1ClusterRoleBinding, 'roleRef' | 'subjects'> } {
  return { name: name ?? role, rest: { roleRef: { apiGroup: GROUP, kind: isRole ? 'Role' : 'ClusterRole', name: role }, ...(subjects.length === 0 ? {} : { subjects: [...subjects] }) } };
}

export const defaultClusterRoles = (): Draft<V1ClusterRole>[] => [...userRoles, ...componentRoles, ...controllerRoles, ...gantryRoles].map(clusterRole);

export const defaultClusterRoleBindings = (): Draft<V1ClusterRoleBinding>[] =>
  clusterBindings.map((each) => {
    const { name, rest } = bindingParts(each);
    return { apiVersion, kind: 'ClusterRoleBinding', metadata: metadata(name), ...rest };
  });

export const defaultRoles = (): Draft<V1Role>[] =>
  Object.entries(namespaceRoles).flatMap(([namespace, roles]) => roles.map(({ name, rules }): Draft<V1Role> => ({ apiVersion, kind: 'Role', metadata: metadata(name, namespace), rules })));

export const defaultRoleBindings = (): Draft<V1RoleBinding>[] =>
  Object.entries(namespaceBindings).flatMap(([namespace, bindings]) =>
    bindings.map((each): Draft<V1RoleBinding> => {
      const { name, rest } = bindingParts(each);
      return { apiVersion, kind: 'RoleBinding', metadata: metadata(name, namespace), ...rest };
    }),
  );

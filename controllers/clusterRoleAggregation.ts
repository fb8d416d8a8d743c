import type { V1ClusterRole, V1PolicyRule } from '../api/generated/types.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { matchesLabels, selectorOf } from '../api/values/labelSelector.ts';
import { ClusterRoles } from '../client/resources.ts';
import { type Controller, seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';

/** Fills the rules of ClusterRoles that are the sum of others (`aggregationRule`). Key: the ClusterRole. */
export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  serviceAccount: 'clusterrole-aggregation-controller',
  workers: 5,
  setup({ client, informers }, queue) {
    const roles = informers.informer(ClusterRoles);
    const enqueueSums = (): void => {
      for (const role of roles.list()) if (role.aggregationRule) queue.add(role.metadata.name);
    };
    roles.addHandler({ added: enqueueSums, updated: enqueueSums, deleted: enqueueSums });

    return async (name) => {
      const role = roles.get(name);
      if (role === undefined) return;
      const rules = aggregatedRules(role, roles.list());
      if (rules === undefined || deepEqual(rules, role.rules ?? [])) return;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(ClusterRoles, { ...role, rules }));
      if (written) await seen(roles, [written]);
      else queue.add(name);
    };
  },
};

/** The rules of all roles that the selectors choose, in the order of the roles' names, each once; undefined for a role that is no sum. */
export function aggregatedRules(role: V1ClusterRole, all: readonly V1ClusterRole[]): V1PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors?.map(selectorOf);
  if (selectors === undefined) return undefined;
  const rules: V1PolicyRule[] = [];
  const chosen = new Set<string>();
  for (const selector of selectors) {
    const matching = all.filter((other) => other.metadata.name !== role.metadata.name && matchesLabels(selector, other.metadata.labels));
    for (const other of matching.sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))) {
      if (chosen.has(other.metadata.name)) continue;
      chosen.add(other.metadata.name);
      for (const rule of other.rules ?? []) if (!rules.some((present) => deepEqual(present, rule))) rules.push(rule);
    }
  }
  return rules;
}

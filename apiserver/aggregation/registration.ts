import type { V1APIService } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { priorityOf } from './priorities.ts';

/** Says of an APIService that the API server keeps it: `onstart` those of built-in groups, `true` those of custom resources. */
export const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';
export const ON_START = 'onstart';
const ALWAYS = 'true';
/** Nobody may register the registrations. */
const UNREGISTERED = 'apiregistration.k8s.io';

export type RegistrationStep =
  | { readonly kind: 'create'; readonly object: Draft<V1APIService> }
  | { readonly kind: 'update'; readonly object: V1APIService }
  | { readonly kind: 'delete'; readonly name: string; readonly uid: string };

/** The local APIServices of what is served, one for each version of each group. */
export function localServices(definitions: readonly Pick<ResourceDefinition, 'group' | 'version' | 'custom'>[]): Draft<V1APIService>[] {
  const wanted = new Map<string, Draft<V1APIService>>();
  for (const { group, version, custom } of definitions) {
    const name = `${version}.${group}`;
    if (group === UNREGISTERED || (wanted.has(name) && custom)) continue;
    const priority = priorityOf(group, version, custom !== undefined);
    wanted.set(name, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name, labels: { [AUTOMANAGED]: custom ? ALWAYS : ON_START } },
      spec: { ...(group === '' ? {} : { group }), version, groupPriorityMinimum: priority.group, versionPriority: priority.version },
    });
  }
  return [...wanted.values()];
}

/**
 * What is to be done about the registrations (`autoregister`). Those of built-in groups are seen to once, when the server starts (`atStart`), so that
 * somebody may put a server of his own in their place; those of custom resources always. What has no label of ours is somebody else's.
 */
export function registrationSteps(wanted: readonly Draft<V1APIService>[], present: readonly V1APIService[], atStart: boolean): RegistrationStep[] {
  const byName = new Map(present.map((each) => [each.metadata.name, each]));
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const steps = wanted.flatMap((each): RegistrationStep[] => {
    const sort = each.metadata.labels?.[AUTOMANAGED] ?? '';
    if (sort === ON_START && !atStart) return [];
    const found = byName.get(each.metadata.name ?? '');
    if (!found) return [{ kind: 'create', object: each }];
    const label = found.metadata.labels?.[AUTOMANAGED];
    if (label !== ON_START && label !== ALWAYS) return [];
    if (semanticEqual(found.spec, each.spec) && label === sort) return [];
    return [{ kind: 'update', object: { ...found, metadata: { ...found.metadata, labels: { ...found.metadata.labels, [AUTOMANAGED]: sort } }, spec: each.spec! } }];
  });
  const surplus = present.filter(({ metadata }) => {
    const label = metadata.labels?.[AUTOMANAGED];
    return !names.has(metadata.name) && (label === ALWAYS || (label === ON_START && atStart));
  });
  return [...steps, ...surplus.map(({ metadata }): RegistrationStep => ({ kind: 'delete', name: metadata.name, uid: metadata.uid }))];
}

import { ApiError } from '../../api/apiError.ts';
import type { V1ClusterRoleBinding, V1ConfigMap, V1Service, V1ServiceCIDR } from '../../api/generated/types.ts';
import { configMap } from '../../api/kinds/core/configMap.ts';
import { namespace } from '../../api/kinds/core/namespace.ts';
import { service } from '../../api/kinds/core/service/service.ts';
import { serviceCIDR } from '../../api/kinds/networking/serviceCIDR.ts';
import { clusterRole } from '../../api/kinds/rbac/clusterRole.ts';
import { clusterRoleBinding } from '../../api/kinds/rbac/clusterRoleBinding.ts';
import { role } from '../../api/kinds/rbac/role.ts';
import { roleBinding } from '../../api/kinds/rbac/roleBinding.ts';
import { priorityClass } from '../../api/kinds/scheduling/priorityClass.ts';
import type { Draft, KubeObject } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { formatTime } from '../../process/clock.ts';
import type { Clock } from '../../process/clock.ts';
import { authenticationConfigMap, defaultServiceCIDR, kubernetesService, SYSTEM_NAMESPACES, systemNamespace, systemPriorityClasses, type ClientAuthorities } from './defaultObjects.ts';
import { defaultClusterRoleBindings, defaultClusterRoles, defaultRoleBindings, defaultRoles } from './defaultRoles.ts';
import { DEFAULT_SERVICE_CIDR } from '../serviceAddresses/serviceRanges.ts';
import type { Loopback } from './loopback.ts';
import { tokenTrackingConfigMap } from './tokenTracking.ts';
import { reconcileBinding, reconcileRole } from './reconcileRbac.ts';

export interface DefaultsConfig {
  /** Read anew at every look. */
  readonly authorities: ClientAuthorities;
  /** `--service-cluster-ip-range`. */
  readonly serviceRange: string;
  readonly securePort: number;
}

/** How often a change is tried again when another API server makes the same one. */
const ATTEMPTS = 5;

/**
 * Makes the objects that a cluster always has, and adds to those that are there what they lack. Safe to run by several API servers at
 * once and after a crash at any line: each step looks first, and a lost race is looked at again.
 */
export async function reconcileDefaults(client: Loopback, config: DefaultsConfig, clock: Clock): Promise<void> {
  await all(SYSTEM_NAMESPACES.map(systemNamespace), (wanted) => ensure(client, namespace, wanted));
  // Roles first: until they are there, nobody but administrators may do anything.
  await all(defaultClusterRoles(), (wanted) => reconcile(client, clusterRole, wanted, (present) => roleStep(reconcileRole(present, wanted))));
  await all(defaultClusterRoleBindings(), (wanted) => reconcile(client, clusterRoleBinding, wanted, (present) => bindingStep(reconcileBinding(present as V1ClusterRoleBinding, wanted))));
  await all(defaultRoles(), (wanted) => reconcile(client, role, wanted, (present) => roleStep(reconcileRole(present, wanted))));
  await all(defaultRoleBindings(), (wanted) => reconcile(client, roleBinding, wanted, (present) => bindingStep(reconcileBinding(present as V1ClusterRoleBinding, wanted))));
  await all(systemPriorityClasses(), (wanted) => ensure(client, priorityClass, wanted));
  await reconcileServiceCIDR(client, config.serviceRange, clock);
  await reconcileService(client, config);
  await reconcileAuthorities(client, config.authorities);
  await ensure(client, configMap, tokenTrackingConfigMap(clock.now()));
}

/** Side by side: the start of a cluster waits for this. */
async function all<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map(run));
}

/** What comes back when somebody deletes it, or follows its files: the system's namespaces, the default ServiceCIDR, the Service `kubernetes`, and whom extension servers trust. */
export async function reconcileEssentials(client: Loopback, config: DefaultsConfig, clock: Clock): Promise<void> {
  await all(SYSTEM_NAMESPACES.map(systemNamespace), (wanted) => ensure(client, namespace, wanted));
  await reconcileServiceCIDR(client, config.serviceRange, clock);
  await reconcileService(client, config);
  await reconcileAuthorities(client, config.authorities);
}

type Step = { readonly kind: 'update'; readonly object: KubeObject } | { readonly kind: 'recreate' } | undefined;

const roleStep = (object: KubeObject | undefined): Step => object && { kind: 'update', object };

function bindingStep(step: ReturnType<typeof reconcileBinding<V1ClusterRoleBinding>>): Step {
  return step?.kind === 'update' ? { kind: 'update', object: step.binding } : step;
}

async function ensure(client: Loopback, definition: ResourceDefinition, wanted: Draft<KubeObject>): Promise<void> {
  if (!client.serves(definition)) return;
  const { namespace = '', name = '' } = wanted.metadata;
  if (!(await client.get(definition, namespace, name))) await client.create(definition, wanted);
}

/** Creates what is not there; else does what `step` says, and looks again where another was faster. */
async function reconcile(client: Loopback, definition: ResourceDefinition, wanted: Draft<KubeObject>, step: (present: KubeObject) => Step): Promise<void> {
  if (!client.serves(definition)) return;
  const { namespace = '', name = '' } = wanted.metadata;
  for (let attempt = 1; ; attempt += 1) {
    const present = await client.get(definition, namespace, name);
    if (!present) {
      if (await client.create(definition, wanted)) return;
      continue;
    }
    const next = step(present);
    if (!next) return;
    try {
      if (next.kind === 'update') {
        await client.update(definition, next.object);
        return;
      }
      await client.remove(definition, namespace, name, present.metadata.uid);
    } catch (error) {
      if (attempt === ATTEMPTS || !isRace(error)) throw error;
    }
  }
}

const isRace = (error: unknown): boolean => error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'NotFound');

/** Another range than the configured one stays as it is and is nobody's business here, as with Kubernetes. */
async function reconcileServiceCIDR(client: Loopback, range: string, clock: Clock): Promise<void> {
  const wanted = defaultServiceCIDR(range);
  await ensure(client, serviceCIDR, wanted);
  const present = await client.get<V1ServiceCIDR>(serviceCIDR, '', DEFAULT_SERVICE_CIDR);
  if (!present || present.metadata.deletionTimestamp !== undefined || !semanticEqual(present.spec?.cidrs, [range])) return;
  const conditions = present.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === 'Ready' && status !== 'Unknown')) return;
  const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready', lastTransitionTime: formatTime(clock.now()) };
  try {
    await client.update(serviceCIDR, { ...present, status: { conditions: [...conditions.filter(({ type }) => type !== 'Ready'), ready] } }, 'status');
  } catch (error) {
    if (!isRace(error)) throw error;
  }
}

/** The Service follows the servers' port; its address stays as it is. */
async function reconcileService(client: Loopback, { serviceRange, securePort }: DefaultsConfig): Promise<void> {
  const wanted = kubernetesService(serviceRange, securePort);
  await reconcile(client, service, wanted, (present) => {
    const { spec } = present as V1Service;
    const isSame = semanticEqual(spec?.ports?.map(({ name, port, targetPort }) => [name, port, targetPort]), [['https', 443, securePort]]);
    if (isSame || !spec || !wanted.spec?.ports) return undefined;
    const object: V1Service = { ...present, metadata: { ...present.metadata, namespace: 'default' }, spec: { ...spec, ports: wanted.spec.ports } };
    return { kind: 'update', object };
  });
}

async function reconcileAuthorities(client: Loopback, authorities: ClientAuthorities): Promise<void> {
  const wanted = authenticationConfigMap(authorities);
  await reconcile(client, configMap, wanted, (present) => {
    const { data } = present as V1ConfigMap;
    const merged = { ...data, ...wanted.data };
    if (semanticEqual(data, merged)) return undefined;
    const object: V1ConfigMap = { ...present, metadata: { ...present.metadata, namespace: 'kube-system' }, data: merged };
    return { kind: 'update', object };
  });
}

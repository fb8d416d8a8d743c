import type { V1DeviceClass, V1ResourceQuota, V1ResourceQuotaStatus } from '../api/generated/types.ts';
import type { KubeObject } from '../api/meta.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { formatQuantity, quantityOf } from '../api/values/quantity.ts';
import { isDeviceQuota, type DeviceFacts } from '../api/values/quotaDevices.ts';
import { inScope } from '../api/values/quotaScopes.ts';
import { givesBack, quotaUsage, sumUsage } from '../api/values/quotaUsage.ts';
import { objectKey } from '../client/objectKey.ts';
import { ConfigMaps, CustomResourceDefinitions, DeviceClasses, PersistentVolumeClaims, Pods, ReplicationControllers, ResourceClaims, ResourceQuotas, Secrets, Services } from '../client/resources.ts';
import type { Informer, Resource } from '../client/types.ts';
import { type Controller, seen, splitKey } from './controller.ts';
import { discover } from './discovery.ts';
import { ignoreReasons } from './expectedErrors.ts';

/** Kubernetes' resyncPeriod of quotas, in milliseconds: what crashes left charged is corrected by then. */
const RESYNC_MILLISECONDS = 300_000;
/** A quota is not charged before it was counted once: what was created meanwhile is found by counting once more, in milliseconds. */
const RECOUNT_MILLISECONDS = 2_000;

/** Kinds whose objects count by more than their number, or by a plain name; watched whole. */
const WHOLE: readonly Resource[] = [Pods, Services, PersistentVolumeClaims];
const COUNTED: readonly Resource[] = [ConfigMaps, Secrets, ReplicationControllers, ResourceQuotas];

/** Counts what a namespace uses of its quotas; admission charges in advance, this tells the truth. Key: the quota's. */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  serviceAccount: 'resourcequota-controller',
  workers: 5,
  setup({ client, informers, clock, signal }, queue) {
    const quotas = informers.informer(ResourceQuotas);
    const watched = new Map<string, Informer>();
    const pods = informers.informer(Pods);
    let classes: Informer<V1DeviceClass> | undefined;
    const facts: DeviceFacts = { deviceClass: (name) => classes?.get(name), pod: (namespace, name) => pods.get(`${namespace}/${name}`) };
    const enqueueNamespace = (object: KubeObject): void => {
      for (const quota of quotas.inNamespace(object.metadata.namespace ?? '')) queue.add(objectKey(quota));
    };
    const watch = (resource: Resource): void => {
      const id = countName(resource);
      if (watched.has(id)) return;
      const informer = informers.informer(resource);
      watched.set(id, informer);
      // A new object was charged already when it was admitted, as was one that takes more; what ends, finishes or takes less gives back.
      informer.addHandler({
        deleted: enqueueNamespace,
        updated: (previous, current) => {
          const { metadata } = current;
          if (quotas.inNamespace(metadata.namespace ?? '').length > 0 && givesBack(resource.group, resource.plural, previous, current)) enqueueNamespace(current);
        },
      });
    };
    for (const resource of WHOLE) watch(resource);
    // A quota may name a kind before it is there; a definition is called as its kind is counted.
    const onDefinition = ({ metadata: { name } }: KubeObject): void => {
      if (watched.has(`count/${name}`)) return;
      for (const quota of quotas.list()) if (quota.spec?.hard?.[`count/${name}`] !== undefined) queue.add(objectKey(quota));
    };
    informers.informer({ ...CustomResourceDefinitions, metadataOnly: true }).addHandler({ added: onDefinition, updated: (_, definition) => onDefinition(definition) });
    quotas.addHandler({
      added: (quota) => queue.add(objectKey(quota)),
      updated: (previous, quota) => (deepEqual(previous.spec, quota.spec) ? undefined : queue.add(objectKey(quota))),
    });

    return async (key) => {
      const quota = quotas.get(key);
      if (quota === undefined) return undefined;
      await watchNamed(quota);
      const status = quotaStatus(quota, watched, clock.now(), facts);
      const isNew = !deepEqual(status.hard, quota.status?.hard ?? {});
      if (!deepEqual(status, quota.status ?? {})) {
        const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(ResourceQuotas, { ...quota, status }));
        if (written) await seen(quotas, [written]);
        else queue.add(key);
      }
      return { requeueAfterMilliseconds: isNew ? RECOUNT_MILLISECONDS : RESYNC_MILLISECONDS };
    };

    /** Only kinds that some quota limits are watched. */
    async function watchNamed(quota: V1ResourceQuota): Promise<void> {
      const names = Object.keys(quota.spec?.hard ?? {}).map((name) => (name.startsWith('count/') ? name : `count/${name}`));
      // Devices are counted by what a claim asks for.
      if (Object.keys(quota.spec?.hard ?? {}).some((name) => isDeviceQuota(name) || name === countName(ResourceClaims))) {
        watch(ResourceClaims);
        classes ??= informers.informer(DeviceClasses);
      }
      const unknown = names.filter((name) => !watched.has(name));
      for (const resource of COUNTED) if (unknown.includes(countName(resource))) watch({ ...resource, metadataOnly: true });
      if (unknown.some((name) => quota.spec?.hard?.[name] !== undefined && name.includes('.') && !watched.has(name))) {
        const { resources } = await discover(client);
        for (const resource of resources) if (unknown.includes(countName(resource))) watch({ group: resource.group, version: resource.version, plural: resource.plural, kind: resource.kind, namespaced: resource.namespaced, metadataOnly: true });
      }
      informers.start(signal);
      await Promise.all([...watched.values(), ...(classes ? [classes] : [])].map((informer) => informer.synced(signal)));
    }
  },
};

const countName = (resource: Resource): string => (resource.group === '' ? `count/${resource.plural}` : `count/${resource.plural}.${resource.group}`);

/** `hard` as the spec has it, and what is used of each of its names. */
export function quotaStatus(quota: V1ResourceQuota, watched: ReadonlyMap<string, Pick<Informer, 'resource' | 'inNamespace'>>, now: number, facts?: DeviceFacts): V1ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const { namespace } = splitKey(objectKey(quota));
  const usages = [...watched.values()].flatMap((informer) =>
    informer.inNamespace(namespace).filter((object) => inScope(quota, informer.resource.group, informer.resource.plural, object)).map((object) => quotaUsage(informer.resource.group, informer.resource.plural, object, now, facts)),
  );
  const sum = sumUsage(usages);
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, formatQuantity(sum.get(name) ?? quantityOf(0))]));
  return { hard, used };
}

import type { Clock } from '../../../process/clock.ts';
import type { Storage, WatchCache } from '../../storage/types.ts';
import type { AdmissionPlugin, Authorizer } from '../../types.ts';
import { pluginConfiguration } from '../pluginConfiguration.ts';
import type { AdmissionSettings } from '../pluginOrder.ts';
import type { StoredObjects } from '../storedObjects.ts';
import { AlwaysPullImages } from './alwaysPullImages.ts';
import { EventRateLimit, eventLimits } from './eventRateLimit.ts';
import { NamespaceAutoProvision, NamespaceExists } from './namespacePlugins.ts';
import { OwnerReferencesPermissionEnforcement } from './ownerReferences.ts';
import { PodNodeSelector } from './podNodeSelector.ts';
import { ExtendedResourceToleration, LimitPodHardAntiAffinityTopology } from './podPlugins.ts';
import { AlwaysAdmit, AlwaysDeny, DenyServiceExternalIPs } from './smallPlugins.ts';

/** What the plugins that are off by default are made of. */
export interface OptionalParts {
  readonly cache: WatchCache;
  readonly storage: Storage;
  readonly objects: StoredObjects;
  readonly clock: Clock;
  readonly uid: () => string;
  readonly authorizer: Authorizer;
}

/** Those of the plugins that are off by default which the administrator has turned on; throws where one's configuration is wrong. */
export function optionalPlugins({ cache, storage, objects, clock, uid, authorizer }: OptionalParts, settings: AdmissionSettings): readonly AdmissionPlugin[] {
  const makers: Readonly<Record<string, () => AdmissionPlugin>> = {
    AlwaysAdmit: () => new AlwaysAdmit(),
    NamespaceAutoProvision: () => new NamespaceAutoProvision(cache, storage, clock, uid),
    NamespaceExists: () => new NamespaceExists(objects),
    LimitPodHardAntiAffinityTopology: () => new LimitPodHardAntiAffinityTopology(),
    AlwaysPullImages: () => new AlwaysPullImages(),
    PodNodeSelector: () => new PodNodeSelector(objects, settings.configuration.get('PodNodeSelector')),
    EventRateLimit: () => new EventRateLimit(pluginConfiguration(settings, 'EventRateLimit', eventLimits), clock),
    ExtendedResourceToleration: () => new ExtendedResourceToleration(),
    OwnerReferencesPermissionEnforcement: () => new OwnerReferencesPermissionEnforcement(cache, authorizer),
    DenyServiceExternalIPs: () => new DenyServiceExternalIPs(),
    AlwaysDeny: () => new AlwaysDeny(),
  };
  return settings.enable.flatMap((name) => makers[name]?.() ?? []);
}

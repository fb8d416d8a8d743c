import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { ComponentContext } from '../../process/component.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import { keepIdentity } from './identityLease.ts';
import { keepPublishing } from './kubernetesEndpoints.ts';
import { Loopback, type RequestHandler } from './loopback.ts';
import { reconcileDefaults, reconcileEssentials, type DefaultsConfig } from './reconcileDefaults.ts';

export interface BootstrapConfig extends DefaultsConfig {
  /** The address by which others reach this server. */
  readonly advertiseAddress: string;
  readonly hostname: string;
  /** Whether it has a Lease by which everybody sees it (`APIServerIdentity`); true unless given. */
  readonly hasIdentity?: boolean;
  /** Of this start of the server. */
  readonly uid: string;
}

export interface BootstrapParts {
  readonly handler: RequestHandler;
  readonly storage: Storage;
  readonly cache: WatchCache;
  /** Whether a kind is served. */
  readonly serves: (definition: ResourceDefinition) => boolean;
}

export interface Bootstrap {
  /** For `/readyz`: undefined once the default objects have been reconciled. */
  trouble(): Promise<string | undefined>;
  /** Resolves after the signal, when this server has taken itself out of the endpoints. Do not stop the storage before. */
  readonly stopped: Promise<void>;
}

const RETRY_MS = 1_000;
/** Kubernetes' interval for its own Service, in milliseconds. */
const ESSENTIALS_INTERVAL = 10_000;

/** Makes the default objects, tried again until it has been done, then keeps this server among the endpoints of the Service `kubernetes`. */
export function startBootstrap(config: BootstrapConfig, parts: BootstrapParts, { clock, logger, signal }: ComponentContext): Bootstrap {
  // Requests of its own end with the server's work, not with the signal: the last one withdraws the endpoints.
  const client = new Loopback(parts.handler, new AbortController().signal, parts.serves);
  let done = false;
  const run = async (): Promise<void> => {
    while (!done && !signal.aborted) {
      try {
        await reconcileDefaults(client, config, clock);
        done = true;
      } catch (error) {
        logger.warn('the default objects are not complete yet', { error });
        await clock.sleep(RETRY_MS, signal);
      }
    }
    if (!done) return;
    const endpoints = { client, storage: parts.storage, cache: parts.cache, clock, logger };
    await Promise.all([keepPublishing(endpoints, { address: config.advertiseAddress, port: config.securePort }, signal), keepEssentials(), ...(config.hasIdentity === false ? [] : [keepIdentity(endpoints, config.hostname, config.uid, signal)])]);
  };
  const keepEssentials = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(ESSENTIALS_INTERVAL, signal);
      if (signal.aborted) return;
      try {
        await reconcileEssentials(client, config, clock);
      } catch (error) {
        logger.warn('the system namespaces, the default ServiceCIDR and the Service kubernetes were not checked', { error });
      }
    }
  };
  return { trouble: async () => (done ? undefined : 'default objects are being made'), stopped: run() };
}

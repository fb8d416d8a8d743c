import { ApiError } from '../api/apiError.ts';
import type { KubeObject } from '../api/meta.ts';
import { ConfigMaps, Secrets } from '../client/resources.ts';
import type { KubeClient, Resource } from '../client/types.ts';
import type { ConfigObjects } from './env/containerEnv.ts';

/** Reads ConfigMaps and Secrets from the API server, each time anew: a container starts with what is true then. */
export function liveConfigObjects(client: KubeClient): ConfigObjects {
  return {
    configMap: (namespace, name) => find(client, ConfigMaps, name, namespace),
    secret: (namespace, name) => find(client, Secrets, name, namespace),
  };
}

async function find<T extends KubeObject>(client: KubeClient, resource: Resource<T>, name: string, namespace: string): Promise<T | undefined> {
  try {
    return await client.get(resource, name, namespace);
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

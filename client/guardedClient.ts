import type { KubeClient } from './types.ts';

/** A write that was held back because this process is not, or no longer, the leader. */
export class NotLeaderError extends Error {
  constructor() {
    super('not the leader: the write was held back');
    this.name = 'NotLeaderError';
  }
}

/** A client whose writes reject with a NotLeaderError unless `elector.isLeader()` at that moment; reads are free. */
export function guardedClient(client: KubeClient, elector: { isLeader(): boolean }): KubeClient {
  const guard = async <R>(write: () => Promise<R>): Promise<R> => {
    if (!elector.isLeader()) throw new NotLeaderError();
    return write();
  };
  return {
    get: (resource, name, namespace) => client.get(resource, name, namespace),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create: (resource, object, namespace) => guard(() => client.create(resource, object, namespace)),
    update: (resource, object) => guard(() => client.update(resource, object)),
    updateStatus: (resource, object) => guard(() => client.updateStatus(resource, object)),
    updateSubresource: (resource, object, subresource) => guard(() => client.updateSubresource(resource, object, subresource)),
    patch: (resource, name, namespace, type, body, subresource) => guard(() => client.patch(resource, name, namespace, type, body, subresource)),
    delete: (resource, name, namespace, options) => guard(() => client.delete(resource, name, namespace, options)),
    createSubresource: (resource, name, namespace, subresource, body) => guard(() => client.createSubresource(resource, name, namespace, subresource, body)),
    raw: (request) => (request.method === 'GET' || request.method === 'HEAD' ? client.raw(request) : guard(() => client.raw(request))),
  };
}

import type { RbacV1Subject, V1ClusterRole, V1ClusterRoleBinding, V1Role, V1RoleBinding } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { CacheEvent, WatchCache } from '../storage/types.ts';
import { resourcePrefix } from '../storage/types.ts';
import type { UserInfo } from '../types.ts';

const GROUP = 'rbac.authorization.k8s.io';
const SERVICE_ACCOUNT_PREFIX = 'system:serviceaccount:';

type Binding = V1ClusterRoleBinding | V1RoleBinding;

/** A binding that speaks of a user, and the subject through which it does. */
export interface AppliedBinding<T extends Binding = Binding> {
  readonly binding: T;
  readonly subject: RbacV1Subject;
}

/**
 * Roles by name, and bindings by the subjects that they name, so that a decision looks only at what concerns its user.
 * Kept up to date event by event: the cost of a change is that of one object.
 */
export class RbacIndex {
  readonly #roles = new Map<string, V1Role>();
  readonly #clusterRoles = new Map<string, V1ClusterRole>();
  readonly #clusterBindings = new BindingsBySubject<V1ClusterRoleBinding>();
  readonly #bindings = new Map<string, BindingsBySubject<V1RoleBinding>>();

  /** Follows a watch cache until the signal is aborted. */
  static following(cache: WatchCache, signal: AbortSignal): RbacIndex {
    const index = new RbacIndex();
    for (const resource of ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']) {
      const kind = { group: GROUP, resource };
      const stop = cache.subscribe(kind, (event) => index.apply(resource, event));
      signal.addEventListener('abort', stop, { once: true });
      for (const { object } of cache.list(resourcePrefix(kind))) index.put(resource, object);
    }
    return index;
  }

  apply(resource: string, event: CacheEvent): void {
    if (event.type === 'put') this.put(resource, event.current.object);
    else this.remove(resource, event.last.object);
  }

  put(resource: string, object: KubeObject): void {
    const { name } = object.metadata;
    const namespace = object.metadata.namespace ?? '';
    if (resource === 'roles') this.#roles.set(`${namespace}/${name}`, object as V1Role);
    else if (resource === 'clusterroles') this.#clusterRoles.set(name, object);
    else if (resource === 'clusterrolebindings') this.#clusterBindings.put(object as V1ClusterRoleBinding);
    else this.#of(namespace).put(object as V1RoleBinding);
  }

  remove(resource: string, object: KubeObject): void {
    const { name } = object.metadata;
    const namespace = object.metadata.namespace ?? '';
    if (resource === 'roles') this.#roles.delete(`${namespace}/${name}`);
    else if (resource === 'clusterroles') this.#clusterRoles.delete(name);
    else if (resource === 'clusterrolebindings') this.#clusterBindings.remove(name);
    else {
      const bindings = this.#of(namespace);
      bindings.remove(name);
      if (bindings.isEmpty) this.#bindings.delete(namespace);
    }
  }

  role(namespace: string, name: string): V1Role | undefined {
    return this.#roles.get(`${namespace}/${name}`);
  }

  clusterRole(name: string): V1ClusterRole | undefined {
    return this.#clusterRoles.get(name);
  }

  clusterBindingsOf(user: UserInfo): AppliedBinding<V1ClusterRoleBinding>[] {
    return this.#clusterBindings.of(user);
  }

  /** RoleBindings of a namespace; none for `''`. */
  bindingsOf(user: UserInfo, namespace: string): AppliedBinding<V1RoleBinding>[] {
    return this.#bindings.get(namespace)?.of(user) ?? [];
  }

  #of(namespace: string): BindingsBySubject<V1RoleBinding> {
    let bindings = this.#bindings.get(namespace);
    if (!bindings) this.#bindings.set(namespace, (bindings = new BindingsBySubject()));
    return bindings;
  }
}

class BindingsBySubject<T extends Binding> {
  readonly #bySubject = new Map<string, Map<string, AppliedBinding<T>>>();
  /** The subjects under which each binding is found. */
  readonly #keys = new Map<string, readonly string[]>();

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  put(binding: T): void {
    const { name, namespace = '' } = binding.metadata;
    this.remove(name);
    const keys: string[] = [];
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      if (key === undefined) continue;
      keys.push(key);
      let found = this.#bySubject.get(key);
      if (!found) this.#bySubject.set(key, (found = new Map()));
      if (!found.has(name)) found.set(name, { binding, subject });
    }
    this.#keys.set(name, keys);
  }

  remove(name: string): void {
    for (const key of this.#keys.get(name) ?? []) {
      const found = this.#bySubject.get(key);
      found?.delete(name);
      if (found?.size === 0) this.#bySubject.delete(key);
    }
    this.#keys.delete(name);
  }

  of(user: UserInfo): AppliedBinding<T>[] {
    const found = new Map<string, AppliedBinding<T>>();
    for (const key of [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]) {
      for (const [name, applied] of this.#bySubject.get(key) ?? []) if (!found.has(name)) found.set(name, applied);
    }
    return [...found.values()];
  }
}

/** Under which user or group a subject is found; a ServiceAccount is a user by another name. */
function subjectKey(subject: RbacV1Subject, bindingNamespace: string): string | undefined {
  if (subject.kind === 'User' || subject.kind === 'Group') return `${subject.kind} ${subject.name}`;
  const namespace = subject.namespace || bindingNamespace;
  return subject.kind === 'ServiceAccount' && namespace !== '' ? `User ${SERVICE_ACCOUNT_PREFIX}${namespace}:${subject.name}` : undefined;
}

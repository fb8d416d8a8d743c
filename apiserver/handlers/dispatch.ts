import { failure, pathNotFound } from '../../api/apiError.ts';
import type { ApiError } from '../../api/apiError.ts';
import type { Verb } from '../../api/resourceDefinition.ts';
import type { ApiResponse } from '../types.ts';
import { bind } from './binding.ts';
import type { Call, Engine } from './call.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { deleteCollection } from './deleteCollection.ts';
import { evict } from './eviction.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { getScale, patchScale, updateScale } from './scale.ts';
import { update } from './update.ts';
import { updateStrategy } from './updateStrategy.ts';
import { createVirtual } from './virtual.ts';
import { watch } from './watch.ts';

/** Takes a call to the handler of its verb. Throws 404 and 405 for what is not served. */
export async function dispatch(engine: Engine, call: Call): Promise<ApiResponse> {
  const { info, served } = call;
  const { namespaced, deprecation } = served.definition;
  if (deprecation !== undefined) call.warn(deprecation);
  // A cluster-scoped kind is not found below a namespace; a namespace itself is.
  if (!namespaced && info.namespace !== '' && info.resource !== 'namespaces') throw pathNotFound();
  if (info.subresource !== '') return subresource(engine, call);
  if (!served.verbs.has(info.verb as Verb)) throw served.definition.custom?.terminating ? whileTerminating(call) : unsupported();
  const onObject = info.verb === 'get' || info.verb === 'update' || info.verb === 'patch' || info.verb === 'delete';
  // A collection has no such method, whatever its namespace.
  if (onObject && info.name === '') throw unsupported();
  if (namespaced && info.namespace === '' && (onObject || info.verb === 'create')) throw info.verb === 'create' ? unsupported() : pathNotFound();
  switch (info.verb) {
    case 'create': {
      if (info.name !== '') throw unsupported();
      const virtual = engine.virtual.get(`${served.resource.group}/${served.resource.resource}/`);
      if (virtual) return createVirtual(engine, call, virtual);
      return isBinding(call) ? bind(engine, call) : create(engine, call);
    }
    case 'get':
      return get(engine, call);
    case 'list':
      return list(engine, call);
    case 'watch':
      return watch(engine, call);
    case 'update':
      return update(engine, call, updateStrategy('')!);
    case 'patch':
      return patch(engine, call, updateStrategy('')!);
    case 'delete':
      return remove(engine, call);
    case 'deletecollection':
      return deleteCollection(engine, call);
    default:
      throw unsupported();
  }
}

const isBinding = ({ info }: Call): boolean => info.group === '' && info.resource === 'bindings';

async function subresource(engine: Engine, call: Call): Promise<ApiResponse> {
  const { info, served } = call;
  const known = served.subresources.find(({ name }) => name === info.subresource);
  if (!known || info.name === '') throw pathNotFound();
  if (!known.verbs.includes(info.verb)) throw unsupported();
  const isPod = info.group === '' && info.resource === 'pods';
  if (info.verb === 'create') {
    const virtual = engine.virtual.get(`${served.resource.group}/${served.resource.resource}/${info.subresource}`);
    if (virtual) return createVirtual(engine, call, virtual);
    if (isPod && info.subresource === 'binding') return bind(engine, call);
    if (isPod && info.subresource === 'eviction') return evict(engine, call);
    throw pathNotFound();
  }
  if (info.subresource === 'scale') {
    if (info.verb === 'get') return getScale(engine, call);
    return info.verb === 'update' ? updateScale(engine, call) : patchScale(engine, call);
  }
  const strategy = updateStrategy(info.subresource);
  if (!strategy) throw pathNotFound();
  if (info.verb === 'get') return get(engine, call);
  return info.verb === 'update' ? update(engine, call, strategy) : patch(engine, call, strategy);
}

/** A kind that is going away takes no new objects. */
function whileTerminating({ info: { verb, group, resource } }: Call): ApiError {
  return failure(405, 'MethodNotAllowed', `${verb} not allowed while custom resource definition is terminating`, { group, kind: resource });
}

/** What client-go says for a 405, which Kubernetes' router answers without a Status. */
const unsupported = (): ApiError => failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

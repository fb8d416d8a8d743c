import { badRequest, failure, methodNotAllowed, NoSuchPathError, notFoundError, pathNotFound } from '../../api/apiError.ts';
import type { ApiError } from '../../api/apiError.ts';
import type { Verb } from '../../api/resourceDefinition.ts';
import { checkPatchType } from '../patch/applyPatch.ts';
import type { ApiResponse } from '../types.ts';
import { bind } from './binding.ts';
import type { Call, Engine } from './call.ts';
import { getComputed, listComputed } from './computed.ts';
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
  const { namespaced, deprecation, custom } = served.definition;
  if (deprecation !== undefined) call.warn(deprecation);
  // A cluster-scoped kind is not found below a namespace; a namespace itself is.
  if (!namespaced && info.namespace !== '' && info.resource !== 'namespaces') throw custom ? new NoSuchPathError() : pathNotFound();
  // What a definition serves answers to HEAD, what is built in has no such route.
  if (call.request.method === 'HEAD' && !custom) throw hasRoute(call) ? methodNotAllowed() : pathNotFound();
  if (custom && namespaced && info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch') throw new NoSuchPathError();
  // The verb may stand in the path, whatever the method.
  if (info.verb === 'watch' && call.request.method !== 'GET' && !custom) throw methodNotAllowed();
  if (!custom && call.request.path.endsWith('/')) throw behindSlash(call);
  if (info.subresource !== '') return subresource(engine, call);
  if (!served.verbs.has(info.verb as Verb)) throw custom?.terminating ? whileTerminating(call) : custom ? notSupported(call) : methodNotAllowed();
  const onObject = info.verb === 'get' || info.verb === 'update' || info.verb === 'patch' || info.verb === 'delete';
  // A collection has no such method, whatever its namespace.
  if (onObject && info.name === '') throw custom ? nameMissing(call) : methodNotAllowed();
  if (namespaced && info.namespace === '' && (onObject || info.verb === 'create')) throw info.verb === 'create' ? methodNotAllowed() : pathNotFound();
  switch (info.verb) {
    case 'create': {
      // Where a definition serves, a name behind the collection is not looked at.
      if (info.name !== '' && !custom) throw methodNotAllowed();
      const virtual = engine.virtual.get(`${served.resource.group}/${served.resource.resource}/`);
      if (virtual) return createVirtual(engine, call, virtual);
      return isBinding(call) ? bind(engine, call) : create(engine, call);
    }
    case 'get': {
      const computed = engine.computed.get(`${info.group}/${info.resource}`);
      return computed ? getComputed(engine, call, computed) : get(engine, call);
    }
    case 'list': {
      const computed = engine.computed.get(`${info.group}/${info.resource}`);
      return computed ? listComputed(engine, call, computed) : list(engine, call);
    }
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
      throw methodNotAllowed();
  }
}

const isBinding = ({ info }: Call): boolean => info.group === '' && info.resource === 'bindings';

async function subresource(engine: Engine, call: Call): Promise<ApiResponse> {
  const { info, served } = call;
  const known = served.subresources.find(({ name }) => name === info.subresource);
  const isCustom = served.definition.custom !== undefined;
  if (!known) throw isCustom ? notFoundError(served.resource, info.name) : pathNotFound();
  if (info.name === '' && !isCustom) throw pathNotFound();
  if (!known.verbs.includes(info.verb)) throw isCustom ? notSupported(call) : methodNotAllowed();
  if (info.name === '') throw nameMissing(call);
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

const hasRoute = ({ info: { subresource }, served }: Call): boolean => subresource === '' || served.subresources.some(({ name }) => name === subresource);

/** A write to an object of which the path has no name; a patch is looked at first. */
function nameMissing({ request, info: { verb } }: Call): ApiError {
  if (verb === 'patch') checkPatchType(request.headers['content-type'], true, request.body.length > 0);
  return badRequest('name must be provided');
}

/** Behind a slash, Kubernetes' router looks for the name of an object of a built-in kind; and there is none. */
function behindSlash(call: Call): ApiError {
  const { request, info, served } = call;
  if (info.name !== '' || (served.definition.namespaced && info.namespace === '')) return pathNotFound();
  if (info.verb === 'create' || info.verb === '') return methodNotAllowed();
  if (info.verb === 'patch') checkPatchType(request.headers['content-type'], false, request.body.length > 0);
  return badRequest('name must be provided');
}

/** A kind that is going away takes no new objects. */
function whileTerminating({ info: { verb, group, resource } }: Call): ApiError {
  return failure(405, 'MethodNotAllowed', `${verb} not allowed while custom resource definition is terminating`, { group, kind: resource });
}

/** What custom resources' own router says for a 405. */
function notSupported({ info: { verb, group, resource } }: Call): ApiError {
  return failure(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind "${resource}.${group}"`, { group, kind: resource });
}

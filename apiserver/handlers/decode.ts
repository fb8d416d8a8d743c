import { badRequest } from '../../api/apiError.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { DecodedObject, DecodeTarget } from '../codec/decodeBody.ts';
import { decodeBody, decodeObject } from '../codec/decodeBody.ts';
import type { FieldValidation } from '../request/options.ts';
import type { Call, Engine } from './call.ts';

/** The request's body as an object of a kind; its warnings go to the client. Throws 400 and 415 with Kubernetes' texts. */
export function decodeRequest(engine: Engine, call: Call, target: DecodeTarget, fieldValidation: FieldValidation): IncomingObject {
  const { request } = call;
  const object = acceptDecoded(call, decodeBody(engine.schema, request.body, request.headers['content-type'], target, fieldValidation));
  call.record?.object(object, target);
  return object;
}

/** Decodes at once, for what is wrong with a body is told before all else; and anew for each further attempt, since an attempt changes its object. */
export function decodedAnew<T>(decode: () => T): () => T {
  let first: T | undefined = decode();
  return () => {
    const object = first ?? decode();
    first = undefined;
    return object;
  };
}

/** A value that is already plain data, such as the result of a patch. */
export function decodePlain(engine: Engine, call: Call, value: unknown, target: DecodeTarget, fieldValidation: FieldValidation): IncomingObject {
  return acceptDecoded(call, decodeObject(engine.schema, value, target, fieldValidation));
}

/** A decoded object; its warnings go to the client. */
export function acceptDecoded(call: Call, { object, warnings }: DecodedObject): IncomingObject {
  for (const warning of warnings) warnOf(call, warning);
  return { ...object, metadata: object.metadata ?? {} };
}

const YAML_FAULTS = 'yaml: unmarshal errors:\n';

/** A strict decoding error as a warning; those of YAML, which come together, one by one (upstream's `parseYAMLWarnings`). */
export function warnOf(call: Call, error: string): void {
  if (!error.startsWith(YAML_FAULTS)) call.warn(error);
  else for (const line of error.slice(YAML_FAULTS.length).split('\n')) call.warn(line.trim());
}

/** An object's namespace is that of the path, and none where its kind has none; another one is refused. */
export function settleNamespace(object: IncomingObject, call: Call): void {
  if (!call.served.definition.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  const { namespace } = call.info;
  if (object.metadata.namespace && object.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  object.metadata.namespace = namespace;
}

/** An object that is put or patched must be the one that the path names. */
export function checkIdentity(object: IncomingObject, call: Call): void {
  settleNamespace(object, call);
  const { name } = call.info;
  const { metadata } = object;
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}

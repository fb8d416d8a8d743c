import { badRequest } from '../../api/apiError.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { DecodedObject, DecodeTarget } from '../codec/decodeBody.ts';
import { decodeBody, decodeObject } from '../codec/decodeBody.ts';
import type { FieldValidation } from '../request/options.ts';
import type { Call, Engine } from './call.ts';

/** The request's body as an object of a kind; its warnings go to the client. Throws 400 and 415 with Kubernetes' texts. */
export function decodeRequest(engine: Engine, call: Call, target: DecodeTarget, fieldValidation: FieldValidation): IncomingObject {
  const { request } = call;
  return acceptDecoded(call, decodeBody(engine.schema, request.body, request.headers['content-type'], target, fieldValidation));
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

/** A new object's namespace is that of the path; another one is refused. */
export function settleNamespace(object: IncomingObject, call: Call): void {
  if (!call.served.definition.namespaced) return;
  const { namespace } = call.info;
  if (object.metadata.namespace && object.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  object.metadata.namespace = namespace;
}

/** An object that is put or patched must be the one that the path names. */
export function checkIdentity(object: IncomingObject, call: Call): void {
  const { name, namespace } = call.info;
  const { metadata } = object;
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (!call.served.definition.namespaced) return;
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`);
  }
  metadata.namespace = namespace;
}

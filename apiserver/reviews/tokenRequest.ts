import { badRequest, conflict, invalidError, notFoundError } from '../../api/apiError.ts';
import { type FieldError, invalid, required } from '../../api/fieldError.ts';
import type { AuthenticationV1TokenRequest, V1BoundObjectReference, V1Pod } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { formatTime } from '../../process/clock.ts';
import type { BoundObject, ServiceAccountTokens, TokenSubject } from '../authentication/serviceAccounts/serviceAccountTokens.ts';
import { objectKey, type Storage, type WatchCache } from '../storage/types.ts';
import type { VirtualResource } from '../types.ts';
import { ownField } from '../../api/values/ownField.ts';

const GROUP = 'authentication.k8s.io';
const MINIMUM_SECONDS = 600;
const MAXIMUM_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;
const BINDABLE: Readonly<Record<string, { readonly resource: string; readonly namespaced: boolean }>> = {
  Pod: { resource: 'pods', namespaced: true },
  Secret: { resource: 'secrets', namespaced: true },
  Node: { resource: 'nodes', namespaced: false },
};

/** Issues a token of a service account, by `serviceaccounts/NAME/token`. */
export function tokenRequest(tokens: ServiceAccountTokens, cache: WatchCache, storage: Storage): VirtualResource {
  const find = async (resource: string, namespace: string, name: string): Promise<KubeObject> => {
    const key = objectKey({ group: '', resource }, namespace, name);
    const found = (cache.get(key) ?? (await storage.get(key)))?.object;
    if (found === undefined) throw notFoundError({ group: '', resource }, name);
    return found;
  };

  const bind = async (reference: V1BoundObjectReference, namespace: string, account: string): Promise<Pick<TokenSubject, 'bound' | 'node'>> => {
    const { kind = '', name = '', apiVersion = '' } = reference;
    // Of objects in the core group the version says nothing.
    const bindable = apiVersion.includes('/') ? undefined : ownField(BINDABLE, kind);
    if (bindable === undefined) throw badRequest(`cannot bind token to object of type ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`);
    const object = await find(bindable.resource, bindable.namespaced ? namespace : '', name);
    if (reference.uid && reference.uid !== object.metadata.uid) {
      throw conflict({ group: '', resource: kind }, name, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
    }
    const bound: BoundObject = { kind: kind as BoundObject['kind'], name, uid: object.metadata.uid };
    if (kind !== 'Pod') return { bound };
    const spec = (object as V1Pod).spec;
    if (spec?.serviceAccountName !== account) throw badRequest(`cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`);
    if (!spec.nodeName) return { bound };
    const key = objectKey({ group: '', resource: 'nodes' }, '', spec.nodeName);
    // A node that is gone is named all the same.
    const uid = (cache.get(key) ?? (await storage.get(key)))?.object.metadata.uid;
    return { bound, node: { name: spec.nodeName, ...(uid === undefined ? {} : { uid }) } };
  };

  return {
    group: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    kind: { group: GROUP, version: 'v1', kind: 'TokenRequest', model: 'AuthenticationV1TokenRequest' },
    create: async (call) => {
      const { object, namespace, name } = call;
      const request = object as unknown as AuthenticationV1TokenRequest;
      const asked = object.metadata;
      if (asked.name && asked.name !== name) throw invalidError(GROUP, 'TokenRequest', name, [invalid('metadata.name', asked.name, 'must match the service account name if specified')]);
      const account = await find('serviceaccounts', namespace, name);
      // Who names a ServiceAccount by its uid does not mean one that was made under the same name since.
      if (asked.uid && asked.uid !== account.metadata.uid) {
        throw conflict({ group: GROUP, resource: 'TokenRequest' }, name, `the UID in the token request (${asked.uid}) does not match the UID of the service account (${account.metadata.uid})`);
      }
      const wanted = request.spec?.expirationSeconds ?? DEFAULT_SECONDS;
      const errors = faults(request, wanted);
      if (errors.length > 0) throw invalidError(GROUP, 'TokenRequest', '', errors);
      const bound = request.spec?.boundObjectRef === undefined ? {} : await bind(request.spec.boundObjectRef, namespace, name);
      const audiences = request.spec?.audiences ?? [];
      const seconds = Math.min(wanted, tokens.maximumSeconds ?? wanted);
      if (seconds < wanted) call.warn(`requested expiration of ${wanted} seconds shortened to ${seconds} seconds`);
      const { token, credential, expiresAt } = tokens.issue({ namespace, name, uid: account.metadata.uid, ...bound }, audiences, seconds);
      call.annotate?.('authentication.kubernetes.io/issued-credential-id', credential);
      const answered: AuthenticationV1TokenRequest = {
        ...request,
        metadata: { ...request.metadata, name, namespace, uid: account.metadata.uid, creationTimestamp: formatTime(expiresAt - seconds * 1000) },
        spec: { ...request.spec, audiences: audiences.length > 0 ? audiences : [...tokens.audiences], expirationSeconds: seconds },
        status: { token, expirationTimestamp: formatTime(expiresAt) },
      };
      return answered;
    },
  };
}

function faults(request: AuthenticationV1TokenRequest, seconds: number): FieldError[] {
  const errors: FieldError[] = [];
  if (seconds < MINIMUM_SECONDS) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAXIMUM_SECONDS) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'));
  const reference = request.spec?.boundObjectRef;
  if (reference !== undefined && !reference.name) errors.push(required('spec.boundObjectRef.name'));
  return errors;
}

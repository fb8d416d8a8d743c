import { fromAnyJson, fromJson } from '../../../api/cel/fromJson.ts';
import type { Bindings } from '../../../api/cel/types.ts';
import type { V1ParamKind, V1ParamRef } from '../../../api/generated/types.ts';
import { notFoundError } from '../../../api/apiError.ts';
import { POLICY_NAMESPACE } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import type { Clock } from '../../../process/clock.ts';
import type { Registry, ServedResource } from '../../registry.ts';
import { objectKey, type Storage, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, Authorizer, Decision, ImmediateAuthorizer } from '../../types.ts';
import { AdmittedObject, type Version } from '../webhooks/admittedObject.ts';
import { requestOf } from '../webhooks/askWebhook.ts';
import { bindingsOf } from '../webhooks/matchConditions.ts';
import { askedOf, type Asked } from '../webhooks/matchHook.ts';
import { isExempt } from '../webhooks/matchRules.ts';
import { collectParams, paramResource } from './params.ts';

/** What the plugins of policies need. */
export interface PolicyParts {
  readonly cache: WatchCache;
  readonly storage: Pick<Storage, 'get'>;
  readonly schema: Schema;
  /** Expressions may ask it. */
  readonly authorizer: Authorizer;
  readonly clock: Clock;
}

/** One request on its way past the policies of one sort. */
export interface Judged {
  readonly attributes: AdmissionAttributes;
  readonly asked: Asked;
  readonly admitted: AdmittedObject;
  readonly registry: Registry;
  /** What the authorizer said to the same question is said again, by whichever policy it is asked. */
  readonly decisions: Map<string, Decision>;
}

const NAMESPACES = { group: '', resource: 'namespaces' };

/** Questions about who somebody is and what he may do are no business of policies: one that goes wrong there would lock everybody out. */
const QUESTIONS: ReadonlySet<string> = new Set(['authentication.k8s.io/selfsubjectreviews', 'authentication.k8s.io/tokenreviews', ...['localsubjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews'].map((each) => `authorization.k8s.io/${each}`)]);

/** A request as policies see it; undefined where none of them is asked. */
export function judged({ schema }: PolicyParts, attributes: AdmissionAttributes, registry: Registry | undefined): Judged | undefined {
  const { group, version, plural } = attributes.definition;
  if (!registry || isExempt({ group, resource: plural }) || QUESTIONS.has(`${group}/${plural}`)) return undefined;
  const served = registry.find(group, version, plural);
  return served && { attributes, asked: askedOf(attributes, served), admitted: new AdmittedObject(attributes, served, schema), registry, decisions: new Map() };
}

/** The variables of expressions, but for `params` and `namespaceObject`. The same view of the object is shared by all policies that look at one version. */
export async function requestBindings(authorizer: ImmediateAuthorizer, { attributes, asked, admitted }: Judged, version: Version): Promise<Bindings> {
  const view = await admitted.in(version);
  return bindingsOf({ attributes, view, request: requestOf(version, { attributes, asked }, view, '') }, authorizer);
}

/** The variable `params`. */
export const paramBinding = (param: KubeObject | undefined): Bindings => ({ params: () => fromAnyJson(param) });

/** The variable `namespaceObject`: null for what belongs to the cluster, as namespaces do. Throws a 404. */
export async function namespaceBinding({ cache, storage }: PolicyParts, { attributes }: Judged): Promise<Bindings> {
  const { namespace, definition } = attributes;
  if (namespace === '' || (definition.group === '' && definition.plural === 'namespaces')) return { namespaceObject: null };
  const key = objectKey(NAMESPACES, '', namespace);
  const found = cache.get(key) ?? (await storage.get(key));
  if (!found) throw notFoundError(NAMESPACES, namespace);
  return { namespaceObject: () => fromJson(found.object, POLICY_NAMESPACE) };
}

/** The parameters of a binding; throws a `PolicyConfigurationError`. */
export function paramsOf(parts: PolicyParts, { attributes }: Judged, served: ServedResource | undefined, ref: V1ParamRef | undefined): Promise<readonly (KubeObject | undefined)[]> {
  return collectParams(parts, served, ref, attributes.namespace);
}

/** Where a policy's parameters are; throws a `PolicyConfigurationError`. */
export const paramsResource = ({ registry }: Judged, kind: V1ParamKind | undefined): ServedResource | undefined => kind && paramResource(registry, kind);

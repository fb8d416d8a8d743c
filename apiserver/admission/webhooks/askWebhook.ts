import { ApiError, failure, forbiddenError, internalError, notFoundError } from '../../../api/apiError.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import type { Labels } from '../../../api/values/labelSelector.ts';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import type { Registry } from '../../registry.ts';
import { objectKey, type Storage, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, Authorizer } from '../../types.ts';
import { WebhookCallError, type WebhookClient } from '../../webhooks/webhookClient.ts';
import { AdmittedObject, type Version, type View } from './admittedObject.ts';
import { isAnnotationKey } from './annotationKey.ts';
import type { Hook } from './hooks.ts';
import { settledConditions } from './matchConditions.ts';
import { askedOf, matchesNamespace, matchesObject, versionFor, type Asked } from './matchHook.ts';
import { isExempt } from './matchRules.ts';
import { optionsText } from './optionsText.ts';
import { denied, noDryRun, WebhookFailure } from './refusal.ts';
import { readAnswer, reviewBody, reviewVersion, type Resource, type ReviewAnswer, type ReviewRequest } from './review.ts';
import type { WebhookMetrics, WebhookType } from './webhookMetrics.ts';

export interface WebhookParts {
  readonly client: WebhookClient;
  readonly cache: WatchCache;
  readonly storage: Pick<Storage, 'get'>;
  readonly schema: Schema;
  /** Match conditions may ask it. */
  readonly authorizer: Authorizer;
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly uid: () => string;
}

/** One request on its way past the webhooks of one sort. */
export interface Passing {
  readonly type: WebhookType;
  readonly attributes: AdmissionAttributes;
  readonly asked: Asked;
  readonly admitted: AdmittedObject;
}

/** A request as webhooks see it; undefined where none of them is asked about its kind. */
export function passingOf(type: WebhookType, attributes: AdmissionAttributes, registry: Registry | undefined, schema: Schema): Passing | undefined {
  const { group, version, plural } = attributes.definition;
  const served = isExempt({ group, resource: plural }) ? undefined : registry?.find(group, version, plural);
  return served && { type, attributes, asked: askedOf(attributes, served), admitted: new AdmittedObject(attributes, served, schema) };
}

const NAMESPACES = { group: '', resource: 'namespaces' };
/** The most that an answer may be, in bytes: a patch is hardly longer than the object, which is 3 MiB at most. */
const ANSWER_BYTES = 16 * 1024 * 1024;

/** In which version a webhook wants to be asked about a request; undefined where it is not its business (`ShouldCallHook`). Throws an `ApiError`. */
export async function wantedVersion(parts: WebhookParts, registry: Registry, hook: Hook, passing: Passing): Promise<Version | undefined> {
  const { attributes, asked, admitted } = passing;
  const version = versionFor(hook, asked, registry);
  if (!version) return undefined;
  // A scale shows no labels.
  const { object, previous } = attributes.subresource === 'scale' ? { object: undefined, previous: undefined } : attributes;
  if (!matchesObject(hook.objectSelector, object as KubeObject | undefined, previous)) return undefined;
  if (!(await matchesNamespace(hook.namespaceSelector, attributes, asked.subject, (namespace) => namespaceLabels(parts, namespace)))) return undefined;
  if (hook.matchConditions.length === 0) return version;
  const view = await admitted.in(version);
  const outcome = await settledConditions(hook, { attributes, view, request: requestOf(version, passing, view, '') }, parts.authorizer);
  if (outcome.error === undefined) return outcome.matches ? version : undefined;
  parts.logger.warn('match conditions of a webhook could not be evaluated', { webhook: hook.name, error: outcome.error });
  if (hook.ignoresFailure) return undefined;
  throw forbiddenError({ group: asked.subject.group, resource: asked.subject.resource }, attributes.name, outcome.error);
}

/** The labels of a namespace that exists; throws a 404. */
export async function namespaceLabels({ cache, storage }: Pick<WebhookParts, 'cache' | 'storage'>, name: string): Promise<Labels | undefined> {
  const key = objectKey(NAMESPACES, '', name);
  const namespace = cache.get(key) ?? (await storage.get(key));
  if (!namespace) throw notFoundError(NAMESPACES, name);
  return namespace.object.metadata.labels;
}

/**
 * Asks a webhook, which allows the request, and gives its answer with what `use` made of it. Undefined where it could not be asked and is to be ignored
 * then; throws the `ApiError` that the client is told otherwise. `audit` is told when it was ignored.
 */
export async function askWebhook<T>(parts: WebhookParts, hook: Hook, version: Version, passing: Passing, use: (answer: ReviewAnswer) => Promise<T>, failedOpen: () => void): Promise<T | undefined> {
  const { clock, metrics, logger } = parts;
  const { type, attributes } = passing;
  const began = clock.monotonic();
  const observe = (code: number, outcome: Parameters<WebhookMetrics['observe']>[0]['outcome']): void =>
    metrics.observe({ name: hook.name, type, operation: attributes.operation, seconds: (clock.monotonic() - began) / 1000, code, outcome });
  try {
    const answer = await allowed(parts, hook, version, passing);
    const result = await use(answer);
    observe(200, 'allowed');
    return result;
  } catch (error) {
    if (error instanceof WebhookFailure && hook.ignoresFailure) {
      logger.warn('failed calling webhook, failing open', { webhook: hook.name, error: error.message });
      observe(error.code, 'failed_open');
      failedOpen();
      // Nobody waits any more.
      if (attributes.signal?.aborted === true || (attributes.deadline ?? Number.POSITIVE_INFINITY) <= clock.monotonic()) throw failure(504, 'Timeout', 'Timeout: request did not complete within requested timeout', {});
      return undefined;
    }
    if (error instanceof WebhookFailure) {
      logger.warn('failed calling webhook, failing closed', { webhook: hook.name, error: error.message });
      observe(error.code, 'calling_webhook_error');
      throw internalError(error.message);
    }
    observe(error instanceof ApiError ? error.code : 500, error instanceof Denied ? 'webhook_rejection' : 'apiserver_internal_error');
    throw error;
  }
}

/** A webhook's own refusal. */
class Denied extends ApiError {}

async function allowed(parts: WebhookParts, hook: Hook, version: Version, passing: Passing): Promise<ReviewAnswer> {
  const { attributes } = passing;
  if (attributes.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun') throw noDryRun(hook.name);
  const uid = parts.uid();
  const review = await reviewFor(hook, version, passing, uid);
  let value: unknown;
  try {
    value = await parts.client.post({ config: hook.clientConfig, body: review.body, review: { group: 'admission.k8s.io', version: review.version, kind: 'AdmissionReview' }, timeoutSeconds: hook.timeoutSeconds, deadline: attributes.deadline, signal: attributes.signal, maxResponseBytes: ANSWER_BYTES });
  } catch (error) {
    if (error instanceof WebhookCallError) throw new WebhookFailure(hook.name, error.message.startsWith('could not get REST client') ? error.message : `failed to call webhook: ${error.message}`, 503);
    throw error;
  }
  let answer: ReviewAnswer;
  try {
    answer = readAnswer(review.version, uid, passing.type === 'admit', value);
  } catch (error) {
    throw new WebhookFailure(hook.name, `received invalid webhook response: ${error instanceof Error ? error.message : String(error)}`, 503);
  }
  for (const [name, text] of Object.entries(answer.auditAnnotations)) {
    const key = `${hook.name}/${name}`;
    if (isAnnotationKey(key)) attributes.annotate?.(key, text);
    else parts.logger.warn('a webhook annotates the audit event with an invalid key', { webhook: hook.name, key });
  }
  for (const warning of answer.warnings) attributes.warn(warning);
  if (!answer.allowed) throw new Denied(denied(hook.name, answer.status).status);
  return answer;
}

async function reviewFor(hook: Hook, version: Version, passing: Passing, uid: string): Promise<{ readonly version: string; readonly body: Buffer }> {
  let accepted: string;
  try {
    accepted = reviewVersion(hook.reviewVersions);
  } catch (error) {
    throw new WebhookFailure(hook.name, `could not create admission objects: ${error instanceof Error ? error.message : String(error)}`, 400);
  }
  return { version: accepted, body: reviewBody(accepted, requestOf(version, passing, await passing.admitted.in(version), uid)) };
}

/** What a request is called, by whom it is sent and what it is about, in the version that is asked for. */
export function requestOf(version: Version, { attributes, asked }: Pick<Passing, 'attributes' | 'asked'>, view: View, uid: string): ReviewRequest {
  const { operation, subresource, name, namespace, user, dryRun } = attributes;
  return {
    uid,
    kind: version.kind,
    resource: resourceOf(version),
    requestKind: asked.version.kind,
    requestResource: resourceOf(asked.version),
    subresource,
    name,
    namespace,
    operation,
    user,
    dryRun,
    object: () => view.objectText(),
    previous: () => view.previousText(),
    options: optionsText(attributes),
  };
}

function resourceOf({ served: { definition } }: Version): Resource {
  return { group: definition.group, version: definition.version, resource: definition.plural };
}

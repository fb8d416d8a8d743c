import { failure } from '../../api/apiError.ts';
import type { ConversionFor } from '../../api/customResources/customDefinitions.ts';
import type { V1CustomResourceDefinition } from '../../api/generated/types.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { Conversion } from '../../api/resourceDefinition.ts';
import type { Clock } from '../../process/clock.ts';
import type { WebhookClient } from '../webhooks/webhookClient.ts';
import type { WebhookClientConfig } from '../webhooks/webhookAddress.ts';
import type { ConversionFailure, ConversionMetrics } from './conversionMetrics.ts';
import { accepted, conversionReview, conversionReviewVersion, convertedObjects } from './conversionReview.ts';

/** `?timeout=30s`; upstream's client of conversion webhooks has no other. */
const TIMEOUT_SECONDS = 30;
/** Objects of one question, and questions at a time: neither side should have to take in ten thousand at once. */
const TOGETHER = 100;
const QUESTIONS = 4;
/** What an answer may be, in bytes: a hundred objects of the most that etcd takes, and room to grow. */
const ANSWER_BYTES = 256 * 1024 * 1024;

interface ConversionParts {
  readonly client: Pick<WebhookClient, 'post'>;
  readonly uid: () => string;
  readonly clock: Clock;
  /** Counts questions. */
  readonly metrics: ConversionMetrics;
}

/**
 * Between the versions of a definition with the strategy `Webhook`.
 * 1. What is stored in the wanted version is not sent anywhere.
 * 2. A stored version of an object is sent once for each wanted version, however many read it and whenever; the answer lives as long as the object in memory.
 * 3. What comes back is checked, and its metadata restored; see `conversionReview.ts`.
 */
export function conversionsBy(parts: ConversionParts): ConversionFor {
  return (definition, version) => {
    const { group, versions } = definition.spec;
    const storage = versions.find((each) => each.storage)?.name ?? version;
    const ask = (objects: readonly KubeObject[], desired: string): Promise<KubeObject[]> => convert(parts, definition, objects, desired);
    const from = readingConversion(apiVersionOf({ group, version }), ask);
    const to = writingConversion(apiVersionOf({ group, version: storage }), ask);
    return { toStorage: to.convert, fromStorage: from.convert, ahead: { toStorage: to.ahead, fromStorage: from.ahead } };
  };
}

type Ask = (objects: readonly KubeObject[], desired: string) => Promise<KubeObject[]>;

/** Stored objects do not change, so that what became of them is kept. */
function readingConversion(wanted: string, ask: Ask): { readonly convert: Conversion['fromStorage']; readonly ahead: NonNullable<Conversion['ahead']>['fromStorage'] } {
  const converted = new WeakMap<KubeObject, KubeObject>();
  const pending = new WeakMap<KubeObject, Promise<void>>();
  const askAbout = async (objects: readonly KubeObject[]): Promise<void> => {
    const answers = await ask(objects, wanted);
    for (const [index, object] of objects.entries()) converted.set(object, answers[index]!);
  };
  const askForBatch = (objects: readonly KubeObject[]): Promise<void> => {
    const answer = askAbout(objects);
    for (const object of objects) pending.set(object, answer);
    const forget = (): void => {
      for (const object of objects) pending.delete(object);
    };
    return answer.then(forget, (error: unknown) => {
      forget();
      throw error;
    });
  };
  return {
    convert: (object) => known(object, wanted, converted),
    ahead: (objects) => {
      const awaited = new Set<Promise<void>>();
      const open: KubeObject[] = [];
      for (const object of objects) {
        if (object.apiVersion === wanted || converted.has(object)) continue;
        const already = pending.get(object);
        if (already) awaited.add(already);
        else open.push(object);
      }
      if (open.length > 0) awaited.add(inBatches(open, askForBatch));
      return awaited.size === 0 ? undefined : Promise.all(awaited).then(() => undefined);
    },
  };
}

/** An object that is on its way to the store may still be changed: it is sent anew each time. */
function writingConversion(wanted: string, ask: Ask): { readonly convert: Conversion['toStorage']; readonly ahead: NonNullable<Conversion['ahead']>['toStorage'] } {
  const converted = new WeakMap<KubeObject, KubeObject>();
  const askAbout = async (object: KubeObject): Promise<void> => {
    const [answer] = await ask([object], wanted);
    converted.set(object, answer!);
  };
  return {
    convert: (object) => known(object, wanted, converted),
    ahead: (object) => (object.apiVersion === wanted ? undefined : askAbout(object)),
  };
}

function known(object: KubeObject, wanted: string, converted: WeakMap<KubeObject, KubeObject>): KubeObject {
  if (object.apiVersion === wanted) return object;
  const answer = converted.get(object);
  if (!answer) throw new Error(`${object.kind} ${object.metadata.name} was not converted to ${wanted} ahead`);
  return answer;
}

async function inBatches(objects: readonly KubeObject[], askForBatch: (batch: readonly KubeObject[]) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < objects.length) {
      const batch = objects.slice(next, next + TOGETHER);
      next += batch.length;
      await askForBatch(batch);
    }
  };
  await Promise.all(Array.from({ length: Math.min(QUESTIONS, Math.ceil(objects.length / TOGETHER)) }, work));
}

/** Throws the 500 without a reason that Kubernetes answers whatever goes wrong. */
async function convert({ client, uid, clock, metrics }: ConversionParts, definition: V1CustomResourceDefinition, objects: readonly KubeObject[], desired: string): Promise<KubeObject[]> {
  const { webhook } = definition.spec.conversion ?? {};
  const [first] = objects;
  const about = `conversion webhook for ${first!.apiVersion}, Kind=${first!.kind}`;
  const began = clock.monotonic();
  /** What is wrong if it ends here. */
  let failed: ConversionFailure = 'conversion_webhook_call_failure';
  try {
    const id = uid();
    const version = conversionReviewVersion(webhook?.conversionReviewVersions ?? []);
    const config = (webhook?.clientConfig ?? {}) as WebhookClientConfig;
    const review = await client.post({ config, body: conversionReview(version, id, desired, objects), review: { group: 'apiextensions.k8s.io', version, kind: 'ConversionReview' }, timeoutSeconds: TIMEOUT_SECONDS, maxResponseBytes: ANSWER_BYTES });
    failed = 'conversion_webhook_malformed_response_failure';
    const answers = convertedObjects(version, id, review);
    failed = 'conversion_webhook_partial_response_failure';
    if (answers.length !== objects.length) throw new Unusable(`returned ${answers.length} objects, expected ${objects.length}`);
    failed = 'conversion_webhook_invalid_converted_object_failure';
    const converted = objects.map((object, index) => acceptedOne(object, answers[index], desired));
    failed = '';
    return converted;
  } catch (error) {
    if (error instanceof Unusable) throw failure(500, '', `${about} ${error.message}`);
    throw failure(500, '', `${about} failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    metrics.observe({ definition: definition.metadata.name, from: versionOf(first!.apiVersion), to: versionOf(desired), seconds: (clock.monotonic() - began) / 1000, failure: failed });
  }
}

const versionOf = (apiVersion: string): string => apiVersion.split('/').at(-1)!;

/** The webhook answered, but not with what was asked for. */
class Unusable extends Error {}

function acceptedOne(object: KubeObject, answer: unknown, desired: string): KubeObject {
  try {
    return accepted(object, answer, desired);
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error));
  }
}

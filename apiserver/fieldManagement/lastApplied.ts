import { asMap, type Fields } from './fieldType.ts';
import { applyConfigurationInSteps, type Applied } from './applyConfiguration.ts';
import { ApplyConflictError } from './applyConflict.ts';
import { compareObjects } from './compareObjects.ts';
import { difference, type FieldSet } from './fieldSet.ts';
import type { FieldOwner } from './managedFields.ts';
import { toFieldSet } from './toFieldSet.ts';
import { changedFields, visible, type Tracking } from './tracking.ts';
import { typeFaults } from './validateTyped.ts';
import { ANNOTATIONS_MAX_BYTES } from '../../api/validation/labels.ts';
import { goJson } from '../../api/values/goPrint.ts';

/** Where a client-side `kubectl apply` keeps what it applied. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Only kubectl's own server-side apply takes over from its client-side one. */
const KUBECTL = 'kubectl';

/**
 * As `applyConfiguration`; kubectl takes over from its own client-side apply: fields that are as the last client-side apply left them are no
 * conflict, and the annotation is kept up with what is applied now, so that a client-side apply can follow.
 */
export function* applyAfterClientSide(tracking: Tracking, manager: string, live: Fields | undefined, configuration: Fields, owners: ReadonlyMap<string, FieldOwner>, force: boolean): Generator<void, Applied> {
  const apply = (forced: boolean): Generator<void, Applied> => applyConfigurationInSteps(tracking, manager, live, configuration, owners, forced);
  if (manager !== KUBECTL) return yield* apply(force);
  const applied = yield* unlessClientSide(tracking, live, apply, force);
  const object = applied.object ?? (live && visible(live, {}));
  if (!object || lastAppliedOf(object) === undefined) return applied;
  return { ...applied, object: withLastApplied(object, configuration) };
}

function* unlessClientSide(tracking: Tracking, live: Fields | undefined, apply: (force: boolean) => Generator<void, Applied>, force: boolean): Generator<void, Applied> {
  try {
    return yield* apply(force);
  } catch (error) {
    const allowed = error instanceof ApplyConflictError && live ? clientSideFields(tracking, live) : undefined;
    if (!(error instanceof ApplyConflictError) || !allowed) throw error;
    const left = error.without(allowed);
    if (left) throw left;
    return yield* apply(true);
  }
}

/** Fields that are still as the last client-side apply left them; undefined where there was none in this version. */
function clientSideFields({ type, apiVersion }: Tracking, live: Fields): FieldSet | undefined {
  const text = lastAppliedOf(live);
  const last = text === undefined ? undefined : asMap(parsed(text));
  if (!last || last['apiVersion'] !== apiVersion || typeFaults(type, last).length > 0) return undefined;
  return difference(toFieldSet(type, last), changedFields(compareObjects(type, last, visible(live, {}))));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function annotationsOf(object: Fields): Fields | undefined {
  return asMap(asMap(object['metadata'])?.['annotations']);
}

function lastAppliedOf(object: Fields): string | undefined {
  const text = annotationsOf(object)?.[LAST_APPLIED];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function withLastApplied(object: Fields, configuration: Fields): Fields {
  const annotations: Record<string, unknown> = { ...annotationsOf(object), [LAST_APPLIED]: `${goJson(withoutLastApplied(configuration))}\n` };
  const size = Object.entries(annotations).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(value)), 0);
  if (size > ANNOTATIONS_MAX_BYTES) delete annotations[LAST_APPLIED];
  return { ...object, metadata: { ...asMap(object['metadata']), annotations } };
}

function withoutLastApplied(configuration: Fields): Fields {
  const annotations = annotationsOf(configuration);
  if (!annotations) return configuration;
  const { [LAST_APPLIED]: _last, ...rest } = annotations;
  const { annotations: _annotations, ...metadata } = asMap(configuration['metadata'])!;
  return { ...configuration, metadata: { ...metadata, ...(Object.keys(rest).length === 0 ? {} : { annotations: rest }) } };
}

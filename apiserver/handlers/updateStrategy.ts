import { forbidden, invalid } from '../../api/fieldError.ts';
import type { FieldError } from '../../api/fieldError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';

/** What an update by the main resource or by one of its subresources may change. */
export interface UpdateStrategy {
  readonly subresource: string;
  /** Takes back, in place, whatever this way of updating does not change. `now` is the request's time as objects bear it. */
  prepare(definition: ResourceDefinition, object: IncomingObject, previous: KubeObject, now: string): void;
  validate(definition: ResourceDefinition, object: IncomingObject, previous: KubeObject): readonly FieldError[];
}

type Fields = Record<string, unknown>;

const fieldsOf = (object: IncomingObject | KubeObject): Fields => object as unknown as Fields;

/** Gives the object the previous one's content but for the named fields; its metadata stay its own. */
function keepAllBut(object: IncomingObject, previous: KubeObject, changed: readonly string[]): void {
  const target = fieldsOf(object);
  const source = fieldsOf(previous);
  const own = new Set(['apiVersion', 'kind', 'metadata', ...changed]);
  for (const key of Object.keys(target)) if (!own.has(key) && !(key in source)) delete target[key];
  for (const key of Object.keys(source)) if (!own.has(key)) target[key] = source[key];
}

/** Gives the object the previous one's status, or none. */
function keepStatus(object: IncomingObject, previous: KubeObject): void {
  const status = fieldsOf(previous).status;
  if (status === undefined) delete fieldsOf(object).status;
  else fieldsOf(object).status = status;
}

function keepMetadata(object: IncomingObject, previous: KubeObject): void {
  object.metadata = { ...previous.metadata, resourceVersion: object.metadata.resourceVersion ?? '' };
}

const main: UpdateStrategy = {
  subresource: '',
  prepare(definition, object, previous) {
    if (definition.hasStatus) keepStatus(object, previous);
    definition.prepareForUpdate?.(object, previous);
  },
  validate: (definition, object, previous) => [...(definition.validate?.(object) ?? []), ...(definition.validateUpdate?.(object, previous) ?? [])],
};

const status: UpdateStrategy = {
  subresource: 'status',
  prepare(definition, object, previous, now) {
    keepAllBut(object, previous, ['status']);
    if (previous.metadata.ownerReferences === undefined) delete object.metadata.ownerReferences;
    else object.metadata.ownerReferences = previous.metadata.ownerReferences;
    definition.prepareForStatusUpdate?.(object, previous, now);
  },
  validate: (definition, object, previous) => definition.validateStatusUpdate?.(object, previous) ?? [],
};

/** CertificateSigningRequests are approved and denied by their conditions; the signed certificate is not touched. */
const approval: UpdateStrategy = {
  subresource: 'approval',
  prepare(definition, object, previous, now) {
    const given = fieldsOf(object).status as Fields | undefined;
    keepAllBut(object, previous, []);
    const kept = fieldsOf(previous).status as Fields | undefined;
    fieldsOf(object).status = { ...kept, ...(given?.conditions === undefined ? {} : { conditions: given.conditions }) };
    if (kept !== undefined && given?.conditions === undefined) delete (fieldsOf(object).status as Fields).conditions;
    definition.prepareForApproval?.(object, previous, now);
  },
  validate: (definition, object, previous) => definition.validateApproval?.(object, previous) ?? [],
};

/** A namespace's own finalizers, in its spec, are taken away here only. */
const finalize: UpdateStrategy = {
  subresource: 'finalize',
  prepare(_definition, object, previous) {
    const spec = fieldsOf(object).spec as Fields | undefined;
    keepAllBut(object, previous, []);
    const kept = { ...(fieldsOf(previous).spec as Fields | undefined) };
    if (spec?.finalizers === undefined) delete kept.finalizers;
    else kept.finalizers = spec.finalizers;
    fieldsOf(object).spec = kept;
  },
  validate: () => [],
};

interface Container {
  readonly name: string;
  readonly resources?: unknown;
  readonly resizePolicy?: unknown;
}

interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
}

const podSpec = (object: IncomingObject | KubeObject): PodSpec => fieldsOf(object).spec ?? {};

const ephemeralContainers: UpdateStrategy = {
  subresource: 'ephemeralcontainers',
  prepare(_definition, object, previous) {
    const given = podSpec(object).ephemeralContainers;
    keepAllBut(object, previous, []);
    keepMetadata(object, previous);
    fieldsOf(object).spec = { ...podSpec(previous), ...(given ? { ephemeralContainers: given } : {}) };
  },
  validate(definition, object, previous) {
    const now = podSpec(object).ephemeralContainers ?? [];
    const errors = (podSpec(previous).ephemeralContainers ?? []).flatMap((old) => {
      const same = now.find(({ name }) => name === old.name);
      if (!same) return [forbidden('spec.ephemeralContainers', `existing ephemeral containers ${JSON.stringify(old.name)} may not be removed\n`)];
      return deepEqual(old, same) ? [] : [forbidden('spec.ephemeralContainers', `existing ephemeral containers ${JSON.stringify(old.name)} may not be changed\n`)];
    });
    return [...errors, ...(definition.validate?.(object) ?? [])];
  },
};

/** Resources of running containers; nothing else of the pod moves. */
const resize: UpdateStrategy = {
  subresource: 'resize',
  prepare(_definition, object, previous) {
    const given = podSpec(object);
    keepAllBut(object, previous, []);
    keepMetadata(object, previous);
    const kept = podSpec(previous);
    fieldsOf(object).spec = {
      ...kept,
      ...(kept.containers ? { containers: resized(kept.containers, given.containers) } : {}),
      ...(kept.initContainers ? { initContainers: resized(kept.initContainers, given.initContainers) } : {}),
    };
  },
  validate(definition, object, previous) {
    const names = (spec: PodSpec): string[] => [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name);
    const changed = !deepEqual(names(podSpec(object)), names(podSpec(previous)));
    return [...(changed ? [invalid('spec.containers', names(podSpec(object)), 'containers may not be added or removed')] : []), ...(definition.validate?.(object) ?? [])];
  },
};

function resized(kept: readonly Container[], given: readonly Container[] | undefined): Container[] {
  return kept.map((container) => {
    const wanted = given?.find(({ name }) => name === container.name);
    if (!wanted) return container;
    return { ...container, ...(wanted.resources === undefined ? {} : { resources: wanted.resources }), ...(wanted.resizePolicy === undefined ? {} : { resizePolicy: wanted.resizePolicy }) };
  });
}

const STRATEGIES: ReadonlyMap<string, UpdateStrategy> = new Map(
  [main, status, approval, finalize, ephemeralContainers, resize].map((strategy) => [strategy.subresource, strategy]),
);

/** The strategy of a subresource; undefined for one that is not updated as the object itself (`scale`, `log` …). */
export function updateStrategy(subresource: string): UpdateStrategy | undefined {
  return STRATEGIES.get(subresource);
}

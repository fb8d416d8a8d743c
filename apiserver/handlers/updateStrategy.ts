import type { FieldError } from '../../api/fieldError.ts';
import type { V1Pod } from '../../api/generated/types.ts';
import { validateNamespaceFinalizer } from '../../api/kinds/core/namespace.ts';
import { validateEphemeralContainersUpdate, validatePodResize } from '../../api/kinds/core/pod/validateSubresources.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { setField } from '../../api/values/ownField.ts';

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
  for (const key of Object.keys(target)) if (!own.has(key) && !Object.hasOwn(source, key)) delete target[key];
  for (const key of Object.keys(source)) if (!own.has(key)) setField(target, key, source[key]);
}

/** Gives the object the previous one's status, or none. */
function keepStatus(object: IncomingObject, previous: KubeObject): void {
  const status = fieldsOf(previous).status;
  if (status === undefined) delete fieldsOf(object).status;
  else fieldsOf(object).status = status;
}

function keepEntries({ metadata }: IncomingObject, previous: KubeObject, kept: ResourceDefinition['statusKeepsMetadata']): void {
  for (const entry of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    if (kept !== 'all' && kept !== entry) continue;
    if (previous.metadata[entry] === undefined) delete metadata[entry];
    else Object.assign(metadata, { [entry]: previous.metadata[entry] });
  }
}

function keepMetadata(object: IncomingObject, previous: KubeObject): void {
  object.metadata = { ...previous.metadata, resourceVersion: object.metadata.resourceVersion ?? '' };
}

const main: UpdateStrategy = {
  subresource: '',
  prepare(definition, object, previous, now) {
    if (definition.hasStatus) keepStatus(object, previous);
    definition.prepareForUpdate?.(object, previous, now);
  },
  validate: (definition, object, previous) => [...(definition.validate?.(object) ?? []), ...(definition.validateUpdate?.(object, previous) ?? [])],
};

const status: UpdateStrategy = {
  subresource: 'status',
  prepare(definition, object, previous, now) {
    keepAllBut(object, previous, ['status']);
    keepEntries(object, previous, definition.statusKeepsMetadata);
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
  validate(_definition, object) {
    const { finalizers = [] } = (fieldsOf(object).spec ?? {}) as { readonly finalizers?: readonly string[] };
    return finalizers.flatMap((name, index) => validateNamespaceFinalizer(`spec.finalizers[${index}]`, name));
  },
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
  resources?: unknown;
}

const podSpec = (object: IncomingObject | KubeObject): PodSpec => fieldsOf(object).spec ?? {};

const ephemeralContainers: UpdateStrategy = {
  subresource: 'ephemeralcontainers',
  prepare(_definition, object, previous) {
    const given = podSpec(object).ephemeralContainers;
    keepAllBut(object, previous, []);
    keepMetadata(object, previous);
    // What is missing was taken away, for the validation to refuse.
    const { ephemeralContainers: _, ...kept } = podSpec(previous);
    fieldsOf(object).spec = { ...kept, ...(given ? { ephemeralContainers: given } : {}) };
  },
  validate: (_definition, object, previous) => validateEphemeralContainersUpdate(object, previous as V1Pod),
};

/** Resources of running containers; nothing else of the pod moves. */
const resize: UpdateStrategy = {
  subresource: 'resize',
  prepare(_definition, object, previous) {
    const given = podSpec(object);
    const { resources: _, ...kept } = podSpec(previous);
    const isSame = sameNames(given.containers, kept.containers) && sameNames(given.initContainers, kept.initContainers);
    keepAllBut(object, previous, []);
    keepMetadata(object, previous);
    // Containers that came, went or moved are left in for the validation to refuse.
    fieldsOf(object).spec = {
      ...kept,
      ...(kept.containers || given.containers ? { containers: isSame ? resized(kept.containers, given.containers) : given.containers } : {}),
      ...(kept.initContainers || given.initContainers ? { initContainers: isSame ? resized(kept.initContainers, given.initContainers) : given.initContainers } : {}),
      ...(given.resources === undefined ? {} : { resources: given.resources }),
    };
  },
  validate: (_definition, object, previous) => validatePodResize(object, previous as V1Pod),
};

const sameNames = (given: readonly Container[] = [], kept: readonly Container[] = []): boolean => given.length === kept.length && given.every(({ name }, index) => name === kept[index]?.name);

function resized(kept: readonly Container[] = [], given: readonly Container[] = []): Container[] {
  return kept.map((container, index) => {
    const copy: Record<string, unknown> = { ...container };
    for (const name of ['resources', 'resizePolicy'] as const) {
      const value = given[index]?.[name];
      if (value === undefined) delete copy[name];
      else copy[name] = value;
    }
    return { ...copy, name: container.name };
  });
}

const STRATEGIES: ReadonlyMap<string, UpdateStrategy> = new Map(
  [main, status, approval, finalize, ephemeralContainers, resize].map((strategy) => [strategy.subresource, strategy]),
);

/** The strategy of a subresource; undefined for one that is not updated as the object itself (`scale`, `log` …). */
export function updateStrategy(subresource: string): UpdateStrategy | undefined {
  return STRATEGIES.get(subresource);
}

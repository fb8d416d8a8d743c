import { ApiError, internalError } from '../../../api/apiError.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { IncomingObject, ResourceDefinition } from '../../../api/resourceDefinition.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { deepCopy } from '../../../api/values/deepCopy.ts';
import { semanticEqual } from '../../../api/values/deepEqual.ts';
import { decodeObject } from '../../codec/decodeBody.ts';
import { fillZeroValues, fillZeroValuesOf } from '../../codec/zeroValues.ts';
import { inVersion } from '../../convertObject.ts';
import { scaleOf, setAt } from '../../handlers/scale.ts';
import type { ServedResource } from '../../registry.ts';
import type { AdmissionAttributes } from '../../types.ts';
import type { Kind } from './review.ts';
import { setField } from '../../../api/values/ownField.ts';

/** An object before and after a request, in the version that a webhook asks for. Neither may be changed. */
export interface View {
  readonly object: KubeObject | undefined;
  readonly previous: KubeObject | undefined;
  /** Their JSON, made when it is asked for. */
  objectText(): string | undefined;
  previousText(): string | undefined;
}

/** In which version of its kind an object is looked at. */
export interface Version {
  readonly served: ServedResource;
  readonly kind: Kind;
}

/**
 * The object of a request as webhooks see it and change it.
 * 1. It is converted and printed once for each version that is asked for, until it is changed.
 * 2. What it is changed into is decoded, pruned and defaulted like what a client sends, and stands in the attributes' object then, in place.
 */
export class AdmittedObject {
  readonly #attributes: AdmissionAttributes;
  readonly #served: ServedResource;
  readonly #schema: Schema;
  readonly #before = new Map<ServedResource, Promise<Printed>>();
  readonly #after = new Map<ServedResource, Promise<Printed>>();

  constructor(attributes: AdmissionAttributes, served: ServedResource, schema: Schema) {
    this.#attributes = attributes;
    this.#served = served;
    this.#schema = schema;
  }

  async in(version: Version): Promise<View> {
    const { object, previous } = this.#attributes;
    const [after, before] = await Promise.all([this.#printed(this.#after, object as KubeObject | undefined, version), this.#printed(this.#before, previous, version)]);
    return { object: after.object, previous: before.object, objectText: () => after.text(), previousText: () => before.text() };
  }

  /** Takes over what the object became in a version; true where it differs. Throws an `ApiError` where that is no object of its kind. */
  async accept(version: Version, changed: unknown): Promise<boolean> {
    const { object } = await this.in(version);
    const decoded = this.#decode(version, changed);
    if (this.#isWhole(version)) version.served.definition.setDefaults?.(decoded);
    const differs = !semanticEqual(object, decoded);
    const target = this.#attributes.object!;
    if (this.#attributes.subresource === 'scale') setAt(target, this.#scale(), (decoded as { spec?: { replicas?: number } }).spec?.replicas ?? 0);
    else replaceContents(target, this.#isWhole(version) ? await inVersion(version.served, this.#served, decoded as KubeObject) : decoded);
    this.#after.clear();
    return differs;
  }

  #printed(known: Map<ServedResource, Promise<Printed>>, object: KubeObject | undefined, version: Version): Promise<Printed> {
    let printed = known.get(version.served);
    if (!printed) known.set(version.served, (printed = this.#print(object, version)));
    return printed;
  }

  async #print(object: KubeObject | undefined, version: Version): Promise<Printed> {
    if (!object) return new Printed(undefined);
    if (this.#attributes.subresource === 'scale') return new Printed(scaleOf({ ...this.#served.definition.scale!, specReplicas: this.#scale() }, object));
    const isWhole = this.#isWhole(version);
    const shown = deepCopy(isWhole ? await inVersion(this.#served, version.served, object) : object);
    if (isWhole) fillZeroValuesOf(this.#schema, version.served.definition, shown);
    else this.#fill(version.kind, shown);
    return new Printed(shown);
  }

  #fill({ group, version, kind }: Kind, object: KubeObject): void {
    const model = this.#schema.byKind(group, version, kind);
    if (model) fillZeroValues(this.#schema, model, object as unknown as Record<string, unknown>);
  }

  #scale(): string {
    return this.#served.definition.scale?.specReplicas ?? '';
  }

  /** Whether the request is about an object of the resource's own kind, not about an Eviction or a Scale of it. */
  #isWhole({ kind, served }: Version): boolean {
    return isOwnKind(kind, served.definition);
  }

  #decode({ kind, served }: Version, value: unknown): IncomingObject {
    const model = this.#schema.byKind(kind.group, kind.version, kind.kind)?.name;
    const own = isOwnKind(kind, served.definition);
    // The options of a connection have no model; they are taken as they are.
    if (!own && model === undefined) return value as IncomingObject;
    try {
      const { object } = decodeObject(this.#schema, value, own ? served.definition : { ...kind, model: model! }, 'Ignore');
      return { ...object, metadata: (object as { metadata?: IncomingObject['metadata'] }).metadata ?? {} };
    } catch (error) {
      if (error instanceof ApiError) throw internalError(error.message);
      throw error;
    }
  }
}

const isOwnKind = (kind: Kind, { group, version, kind: own }: ResourceDefinition): boolean => kind.group === group && kind.version === version && kind.kind === own;

class Printed {
  readonly object: KubeObject | undefined;
  #text: string | undefined;

  constructor(object: KubeObject | undefined) {
    this.object = object;
  }

  text(): string | undefined {
    return this.object && (this.#text ??= JSON.stringify(this.object));
  }
}

/** The handlers hold on to the object and to its metadata. */
function replaceContents(target: IncomingObject, next: object): void {
  const { metadata } = target;
  replace(target, next);
  if (metadata && target.metadata) {
    replace(metadata, target.metadata);
    target.metadata = metadata;
  }
}

function replace(target: object, next: object): void {
  for (const name of Object.keys(target)) if (!Object.hasOwn(next, name)) delete (target as Record<string, unknown>)[name];
  for (const [name, value] of Object.entries(next)) setField(target as Record<string, unknown>, name, value);
}

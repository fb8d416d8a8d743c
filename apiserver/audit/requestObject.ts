import type { IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import type { DecodeTarget } from '../codec/decodeBody.ts';
import { fillZeroValuesOf } from '../codec/zeroValues.ts';
import type { AuditTrail } from './auditTrail.ts';

/** What a request's handler tells its trail of what was sent. */
export interface RequestRecord {
  /** The body, when it is understood. */
  object(object: IncomingObject, target: DecodeTarget): void;
  /** The body is a patch, of a sort that is taken. */
  patch(): void;
}

/** Under this version Kubernetes writes the options of deletions down. */
const INTERNAL_OPTIONS = 'meta.k8s.io/__internal';

/** Objects are written down as Kubernetes prints them by then: with their defaults, and without what their kind does not have. */
export function requestRecord(trail: AuditTrail, schema: Schema, definition: ResourceDefinition): RequestRecord {
  return {
    object: (object, target) => {
      const isOptions = target.kind === 'DeleteOptions';
      trail.requested(isOptions ? undefined : object.metadata, () => (isOptions ? optionsOf(object) : printed(schema, object, target, definition)));
    },
    patch: () => trail.patched(),
  };
}

function optionsOf({ metadata: _metadata, ...options }: IncomingObject): object {
  return { ...options, apiVersion: INTERNAL_OPTIONS };
}

function printed(schema: Schema, object: IncomingObject, target: DecodeTarget, definition: ResourceDefinition): IncomingObject {
  const copy = deepCopy(object);
  if (target === definition) definition.setDefaults?.(copy);
  fillZeroValuesOf(schema, target, copy);
  return copy;
}

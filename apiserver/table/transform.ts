import type { KubeObject } from '../../api/meta.ts';
import { notAcceptable } from '../../api/apiError.ts';
import type { ResponseForm } from '../request/mediaType.ts';
import type { ServedResource } from '../registry.ts';
import { partialMetadata } from './partialMetadata.ts';
import { columnDefinitions, columnsOf, includeObject, rowOf } from './table.ts';

/** What a list says of itself. */
export interface CollectionMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface Transform {
  /** One object as the form asks for it. */
  one(object: KubeObject): unknown;
  /** A collection; `meta` is the list's own. */
  many(objects: readonly KubeObject[], meta: CollectionMeta): unknown;
  /** One event of a watch; the columns are named in the first table only. */
  event(object: KubeObject, first: boolean): unknown;
}

/** The transformation that a request's `as=` asks for; undefined where the objects themselves are wanted. */
export function transformFor(served: ServedResource, form: ResponseForm, query: URLSearchParams, now: number): Transform | undefined {
  const version = form.asVersion;
  switch (form.as) {
    case '':
      return undefined;
    case 'Table': {
      const columns = columnsOf(served);
      const include = includeObject(query);
      const table = (objects: readonly KubeObject[], meta: CollectionMeta, withColumns: boolean): unknown => ({
        kind: 'Table',
        apiVersion: `meta.k8s.io/${version}`,
        metadata: meta,
        columnDefinitions: withColumns ? columnDefinitions(columns) : null,
        rows: objects.map((object) => rowOf(columns, object, include, now, version)),
      });
      const own = (object: KubeObject): CollectionMeta => ({ resourceVersion: object.metadata.resourceVersion });
      return {
        one: (object) => table([object], own(object), true),
        many: (objects, meta) => table(objects, meta, true),
        event: (object, first) => table([object], own(object), first),
      };
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return {
        one: (object) => partialMetadata(object, version),
        many: (objects, meta) => ({
          kind: 'PartialObjectMetadataList',
          apiVersion: `meta.k8s.io/${version}`,
          metadata: meta,
          items: objects.map((object) => partialMetadata(object, version)),
        }),
        event: (object) => partialMetadata(object, version),
      };
    default:
      throw notAcceptable(['application/json', 'application/yaml']);
  }
}

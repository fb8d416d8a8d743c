import type { KubeObject } from '../../api/meta.ts';
import { failure, notAcceptable, type ApiError } from '../../api/apiError.ts';
import type { Bookmark } from '../handlers/watchFrames.ts';
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
  bookmark(mark: Bookmark): unknown;
}

/** The transformation that a request's `as=` asks for; undefined where the objects themselves are wanted. */
export function transformFor(served: ServedResource, form: ResponseForm, query: URLSearchParams, now: number): Transform | undefined {
  const version = form.asVersion;
  switch (form.as) {
    case '':
      return undefined;
    case 'Table': {
      const columns = columnsOf(served);
      const { tableOrder } = served.definition;
      const include = includeObject(query);
      const header = (meta: CollectionMeta, withColumns: boolean): object => ({ kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata: meta, columnDefinitions: withColumns ? columnDefinitions(columns) : null });
      const table = (objects: readonly KubeObject[], meta: CollectionMeta, withColumns: boolean): unknown => ({
        ...header(meta, withColumns),
        rows: (tableOrder ? objects.toSorted(tableOrder) : objects).map((object) => rowOf(served.definition, columns, object, include, now, version)),
      });
      const own = (object: KubeObject): CollectionMeta => ({ resourceVersion: object.metadata.resourceVersion });
      return {
        one: (object) => table([object], own(object), true),
        many: (objects, meta) => table(objects, meta, true),
        event: (object, first) => table([object], own(object), first),
        // There is nothing to fill the columns with; the row carries what the bookmark says.
        bookmark: ({ metadata }) => ({ ...header({ resourceVersion: metadata.resourceVersion }, false), rows: [{ cells: columns.map(() => null), ...(include === 'None' ? {} : { object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata } }) }] }),
      };
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return {
        one: (object) => {
          // Kubernetes takes a custom object for a list until it looks for its items.
          if (form.as !== 'PartialObjectMetadata' && served.definition.custom) throw failure(500, '', 'content is not a list');
          if (form.as !== 'PartialObjectMetadata') throw mismatch(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType(served, served.definition.kind)})`);
          return partialMetadata(object, version);
        },
        many: (objects, meta) => {
          if (form.as !== 'PartialObjectMetadataList') throw mismatch(`you requested PartialObjectMetadata, but the requested object is a list (${goType(served, served.listKind)})`);
          return {
          kind: 'PartialObjectMetadataList',
          apiVersion: `meta.k8s.io/${version}`,
          metadata: meta,
          // Kubernetes begins with no list at all.
          items: objects.length === 0 ? null : objects.map((object) => partialMetadata(object, version)),
          };
        },
        event: (object) => partialMetadata(object, version),
        bookmark: ({ metadata }) => ({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata }),
      };
    default:
      throw notAcceptable(['application/json', 'application/yaml']);
  }
}

const mismatch = (message: string): ApiError => failure(406, 'NotAcceptable', message);

/** As Go names the type of what is served. */
function goType({ definition: { group, custom } }: ServedResource, kind: string): string {
  return custom ? `*unstructured.Unstructured${kind.endsWith('List') ? 'List' : ''}` : `*${group === '' ? 'core' : group.split('.')[0]}.${kind}`;
}

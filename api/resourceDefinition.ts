import type { JsonSchema } from './customResources/jsonSchema.ts';
import type { FieldError } from './fieldError.ts';
import type { KubeObject, ObjectMetaDraft } from './meta.ts';

/** An object on its way into the store: its metadata may still lack what the server fills in. */
export type IncomingObject<T extends KubeObject = KubeObject> = Omit<T, 'metadata'> & { metadata: ObjectMetaDraft };

/** A text, or that of a field of the schema, `Model.property`. */
export type ColumnDescription = string | { readonly of: string };

/** One column of `kubectl get`; `priority` 0 is always shown, 1 only with `-o wide`. */
export interface TableColumn<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: ColumnDescription;
  readonly priority: number;
  /** `now` is wall-clock milliseconds, for ages. */
  readonly value: (object: T, now: number) => string | number | boolean | null;
}

/** What a row of a table says of its object's state (`metav1.TableRowCondition`). */
export interface RowCondition {
  readonly type: 'Completed';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Who sends a request, as far as an object may carry it. */
export interface Requester {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Where the scale subresource finds its numbers, as dotted paths. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  /** A `metav1.LabelSelector` in the object, a plain map (ReplicationController), or a text (custom resources); empty where there is none. */
  readonly selector: string;
}

/** What only the kinds of CustomResourceDefinitions have. */
export interface CustomKind {
  /** Name of the definition. */
  readonly definition: string;
  /** The schema of this version. */
  readonly schema: JsonSchema;
  /** The paths of the fields by which objects of this version can be selected, as its definition has them. */
  readonly selectablePaths?: readonly string[];
  /** Changes whenever what is published of this version may have changed; the same on every API server. */
  readonly published: string;
  /** It is being deleted: nothing new may be created. */
  readonly terminating: boolean;
  /** Whether the version in which objects are stored is served. */
  readonly servesStorage: boolean;
}

/** How objects of one version become those of the stored one, and back. Never changes its argument. */
export interface Conversion {
  readonly toStorage: (object: KubeObject) => KubeObject;
  readonly fromStorage: (object: KubeObject) => KubeObject;
  /** Where somebody else has to be asked (conversion webhooks): what must have resolved before an object is given to the functions above; undefined where they know already. */
  readonly ahead?: { readonly toStorage: (object: KubeObject) => Promise<void> | undefined; readonly fromStorage: (objects: Iterable<KubeObject>) => Promise<void> | undefined };
}

/** What an object needs of its namespace, and its fault where that lacks it. */
export interface NamespaceLabelNeed {
  readonly label: string;
  readonly value: string;
  readonly otherwise: FieldError;
}

/** A right that a change of an object needs, besides the one to write it. */
export interface ExtraRight {
  /** Of the same resource; there is nothing behind it but the right. */
  readonly subresource: string;
  /** What the right is to, in the object's namespace; absent: to all there is, in the cluster. */
  readonly name?: string;
  /** The verb says for which nodes (`associated-node:`, `arbitrary-node:`); this is the node that the object is of, `''` where there is not one. */
  readonly byNode?: string;
  /** The fault of who lacks it: the verbs of which one would do, and the words of the refusal. */
  readonly otherwise: (verbs: readonly string[], refusal: string) => FieldError;
}

/**
 * Everything that the handlers know about a kind. Built-in kinds and custom resources are both of this form.
 * The hooks are pure and may change the object they are given in place, where they say so; they never see a cached object.
 */
export interface ResourceDefinition<T extends KubeObject = KubeObject> {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  /** Kind of its lists; absent: the kind with `List` behind it. */
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  /** Absent: all. Virtual kinds (TokenReview, SubjectAccessReview …) have `create` only and are not stored. */
  readonly verbs?: readonly Verb[];
  /** Name of the object's model in the schema, e.g. `V1Pod` (client-node's name). */
  readonly model: string;
  /** Set for custom resources, whose `model` is empty. */
  readonly custom?: CustomKind;
  /** Kubernetes stores it as JSON, which tells an empty list from one that nobody has set; protobuf, in which it stores the others, does not. */
  readonly keepsEmptyLists?: true;
  /** The group and version objects are stored in; absent: this one. Versions of one kind share `storage` and convert. */
  readonly storage?: { readonly group: string; readonly version: string };
  /** Between this version and the stored one; absent where the fields are the same. */
  readonly convert?: Conversion;
  readonly hasStatus?: boolean;
  /** Labels, annotations, finalizers and owners that a write of the status leaves as they were (`all`: Kubernetes' `ResetObjectMetaForStatus`); absent: it may change each of them. */
  readonly statusKeepsMetadata?: 'all' | 'labels' | 'ownerReferences';
  /** A create keeps the status that it is sent (Nodes register with theirs). */
  readonly statusOnCreate?: boolean;
  readonly scale?: ScalePaths;
  /** An update that changes anything outside metadata and status raises `metadata.generation`. */
  readonly hasGeneration?: boolean;
  /** Metadata of which a change raises the generation as well; `no`: nothing does, it stays 1. */
  readonly generationCounts?: 'annotations' | 'labels' | 'no';
  /** PUT to a name that does not exist creates (Kubernetes' AllowCreateOnUpdate). */
  readonly createOnUpdate?: boolean;
  /** PUT without resourceVersion is accepted (Kubernetes' AllowUnconditionalUpdate); absent: true. */
  readonly unconditionalUpdate?: boolean;
  /** How long a graceful delete lasts when the client does not say; absent: not graceful. Pods only. */
  readonly gracePeriodSeconds?: (object: T) => number;
  /** What a name must look like; absent: DNS subdomain. Returns Kubernetes' messages, none when valid. */
  readonly validateName?: (name: string) => readonly string[];

  /** Sets defaults, in place. Runs on every decode of this version. */
  readonly setDefaults?: (object: IncomingObject<T>) => void;
  /** Writes into a new object who asks for it, in place, after `prepareForCreate`. CertificateSigningRequests only. */
  readonly recordRequester?: (object: IncomingObject<T>, requester: Requester) => void;
  /** Resets what a create may not set (status, generation …), in place; `warn`, which the handlers always give, tells the client of what it changed. The handlers drop `status` by themselves where `hasStatus`. */
  readonly prepareForCreate?: (object: IncomingObject<T>, warn?: (text: string) => void) => void;
  /** Carries over what an update may not change, in place. The handlers keep `status` by themselves where `hasStatus`. `now`, which the handlers always give, is the time of the request in the form of `metav1.Time`. */
  readonly prepareForUpdate?: (object: IncomingObject<T>, previous: T, now?: string) => void;
  /** `now` as above. */
  readonly prepareForStatusUpdate?: (object: IncomingObject<T>, previous: T, now: string) => void;
  /** As for the status, of the subresource `approval`: it changes conditions of the status. CertificateSigningRequests only. */
  readonly prepareForApproval?: (object: IncomingObject<T>, previous: T, now: string) => void;
  /** Semantic validation of the whole object; metadata is validated by the handlers. */
  readonly validate?: (object: IncomingObject<T>) => readonly FieldError[];
  /** What holds for a new object only, beyond `validate`. */
  readonly validateCreate?: (object: IncomingObject<T>) => readonly FieldError[];
  /** What may not change, given that `validate` passed. */
  readonly validateUpdate?: (object: IncomingObject<T>, previous: T) => readonly FieldError[];
  /** What a change of the status needs besides the right to write it. */
  readonly statusRights?: (object: IncomingObject<T>, previous: T) => readonly ExtraRight[];
  readonly validateStatusUpdate?: (object: IncomingObject<T>, previous: T) => readonly FieldError[];
  /**
   * Rules in CEL of a custom resource, on what passed the other checks; with the former object on an update, of the status too. It yields between rules when they
   * take long, so that others get their turn.
   */
  readonly evaluateRules?: (object: IncomingObject<T>, previous?: T) => Generator<void, { readonly errors: readonly FieldError[]; readonly ratcheted: readonly FieldError[] }>;
  /** A label that the object's namespace must bear for it to be created, or updated with its status. */
  readonly namespaceLabelNeed?: (object: IncomingObject<T>, previous?: T) => NamespaceLabelNeed | undefined;
  readonly validateApproval?: (object: IncomingObject<T>, previous: T) => readonly FieldError[];
  /** Warnings for the client (`Warning: 299`), e.g. deprecated fields; `previous` of an update only. */
  readonly warnings?: (object: IncomingObject<T>, previous?: T) => readonly string[];
  /** Warnings for who writes the status. */
  readonly statusWarnings?: (object: IncomingObject<T>) => readonly string[];
  /** A warning for every request, of a kind that has had its day. */
  readonly deprecation?: string;

  /** Columns between Name and Age, and beyond; absent: Name and Age only. Name is always put first by the handlers. */
  readonly columns?: readonly TableColumn<T>[];
  /** Pods only. */
  readonly rowConditions?: (object: T) => readonly RowCondition[] | undefined;
  /** How a table of them is sorted; absent: as the list is. */
  readonly tableOrder?: (a: T, b: T) => number;
  /** Fields a `fieldSelector` may name besides `metadata.name` and `metadata.namespace`, with their values. */
  readonly selectableFields?: (object: T) => Readonly<Record<string, string>>;
}

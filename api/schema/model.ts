/** Types whose JSON form is one scalar, or that take any JSON (`any`). */
export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'quantity'
  | 'intOrString'
  /** RFC 3339 with seconds; `microTime` with six decimals. */
  | 'time'
  | 'microTime'
  /** Base64. */
  | 'bytes'
  | 'any';

/** The type of a property, of a list's items or of a map's values. */
export type SchemaType =
  | { readonly kind: ScalarKind; /** `int32`, `int64` or `double`, of numbers. */ readonly format?: string }
  | { readonly kind: 'model'; readonly model: string }
  | { readonly kind: 'list'; readonly items: SchemaType }
  | { readonly kind: 'map'; readonly values: SchemaType };

/** One property of a model, by its JSON name. */
export interface PropertySchema {
  readonly type: SchemaType;
  readonly required?: boolean;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  /** `merge`, `replace`, `retainKeys` or `merge,retainKeys`. */
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic';
  /** `granular`: owned field by field here, whatever its model says. */
  readonly structType?: 'atomic' | 'granular';
  /** Name of the Go type as `core.v1.RestartPolicy`, where it has one of its own. */
  readonly goType?: string;
  /**
   * Where it stands in the model's protobuf message: its field number, or numbers joined by dots where it lies in messages that JSON does not
   * show; behind a blank the form of a value of kind `any` that is not raw JSON. Absent: the type has no protobuf form.
   */
  readonly protobuf?: number | string;
  /**
   * What becomes of an empty value (`''`, 0, false, [], {}): `omit` drops it, `print` writes it even where it was absent,
   * `explicit` keeps it as it was sent, `null` does so too and writes null where it was absent (a list or map becomes null
   * in storage, too).
   */
  readonly empty: 'omit' | 'print' | 'explicit' | 'null';
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One type of the API, by client-node's name for it (`V1Pod`). */
export interface ModelSchema {
  readonly name: string;
  /** Its name in OpenAPI documents, e.g. `io.k8s.api.core.v1.Pod`. */
  readonly definition: string;
  /** Only for what is an object of its own, with `apiVersion` and `kind`. */
  readonly groupVersionKind?: GroupVersionKind;
  readonly structType?: 'atomic' | 'granular';
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

/** The file `schema.json`. */
export interface SchemaFile {
  readonly kubernetes: string;
  readonly models: Readonly<Record<string, Omit<ModelSchema, 'name'>>>;
}

/** The file `descriptions.json`: per model its own description under `''`, and its properties'. */
export type DescriptionsFile = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Go's name of a model's type as error messages show it, e.g. `v1.Pod`. */
export function goTypeName(model: ModelSchema): string {
  return model.definition.split('.').slice(-2).join('.');
}

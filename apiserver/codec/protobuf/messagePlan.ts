import type { ModelSchema, PropertySchema, SchemaType } from '../../../api/schema/model.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { BYTES, FIXED64, VARINT } from './protobufReader.ts';

/** The forms of a free value which is not raw JSON: a message without fields, or one of the unions of JSON schemas. */
export type FreeForm = 'empty' | 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStrings';

/** A property of a message. */
export interface PropertyPlan {
  readonly kind: 'property';
  readonly name: string;
  readonly type: SchemaType;
  /** Of a free value; raw JSON where it is absent. */
  readonly form?: FreeForm;
  /** An empty scalar is as good as none. */
  readonly omitsEmpty: boolean;
}

/** A message whose properties JSON shows one level higher. */
export interface InlinePlan {
  readonly kind: 'inline';
  readonly fields: MessagePlan;
}

/** What stands in each field of a message, by number. */
export type MessagePlan = ReadonlyMap<number, PropertyPlan | InlinePlan>;

type Fields = Map<number, PropertyPlan | InlinePlan>;

/** Plans are made when a model is first met: most models never come as protobuf. */
const plans = new WeakMap<ModelSchema, MessagePlan>();

/** The fields of a model's message. */
export function messagePlan(model: ModelSchema): MessagePlan {
  let plan = plans.get(model);
  if (!plan) plans.set(model, (plan = makePlan(model)));
  return plan;
}

/** Whether Kubernetes has a protobuf form of the model; custom resources and documents of discovery have none. */
export function hasProtobuf(schema: Schema, modelName: string): boolean {
  const model = schema.models.get(modelName);
  return model !== undefined && messagePlan(model).size > 0;
}

/** The wire type of a value, of a list's item, and of a map's value. */
export function wireOf({ kind }: SchemaType): number {
  if (kind === 'boolean' || kind === 'integer') return VARINT;
  return kind === 'number' ? FIXED64 : BYTES;
}

function makePlan(model: ModelSchema): MessagePlan {
  const plan: Fields = new Map();
  for (const [name, property] of Object.entries(model.properties)) {
    if (property.protobuf === undefined) continue;
    const [path, form] = String(property.protobuf).split(' ');
    place(plan, path!.split('.').map(Number), propertyPlan(name, property, form));
  }
  return plan;
}

function propertyPlan(name: string, { type, empty }: PropertySchema, form: string | undefined): PropertyPlan {
  // A false that stands for a schema says something.
  const omitsEmpty = empty === 'omit' && type.kind !== 'any';
  return form === undefined ? { kind: 'property', name, type, omitsEmpty } : { kind: 'property', name, type, form: form as FreeForm, omitsEmpty };
}

function place(fields: Fields, [number, ...rest]: readonly number[], property: PropertyPlan): void {
  if (number === undefined) return;
  if (rest.length === 0) {
    fields.set(number, property);
    return;
  }
  let inline = fields.get(number);
  if (!inline) fields.set(number, (inline = { kind: 'inline', fields: new Map() }));
  if (inline.kind === 'inline') place(inline.fields as Fields, rest, property);
}

import type { ModelSchema, PropertySchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';

const of = (type: SchemaType, goType?: string): PropertySchema => ({ type, empty: 'explicit', ...(goType === undefined ? {} : { goType }) });
const TEXT: SchemaType = { kind: 'string' };
const TYPE_META = { apiVersion: of(TEXT), kind: of(TEXT) };
const UID = of(TEXT, 'apimachinery.types.UID');
const STATUS = of({ kind: 'model', model: 'V1Status' });

function modelsOf(group: string, version: string, models: Readonly<Record<string, ModelSchema['properties']>>): [string, ModelSchema][] {
  return Object.entries(models).map(([name, properties]) => [`${version}.${name}`, { name, definition: `io.k8s.${group}.${version}.${name}`, properties }]);
}

/** Types that are sent to webhooks and come back from them; no resource is made of them, and no published schema has them. */
const MODELS: ReadonlyMap<string, ModelSchema> = new Map(
  ['v1', 'v1beta1'].flatMap((version) => {
    const named = (name: string): PropertySchema => of({ kind: 'model', model: `${version}.${name}` });
    return [
      ...modelsOf('api.admission', version, {
        AdmissionReview: { ...TYPE_META, request: named('AdmissionRequest'), response: named('AdmissionResponse') },
        // Nobody reads it; many send it back.
        AdmissionRequest: {},
        AdmissionResponse: {
          uid: UID,
          allowed: of({ kind: 'boolean' }),
          status: STATUS,
          patch: of({ kind: 'bytes' }),
          patchType: of(TEXT, `admission.${version}.PatchType`),
          auditAnnotations: of({ kind: 'map', values: TEXT }),
          warnings: of({ kind: 'list', items: TEXT }),
        },
      }),
      ...modelsOf('apiextensions', version, {
        ConversionReview: { ...TYPE_META, request: named('ConversionRequest'), response: named('ConversionResponse') },
        ConversionRequest: {},
        ConversionResponse: { uid: UID, convertedObjects: of({ kind: 'list', items: { kind: 'any' } }), result: STATUS },
      }),
    ];
  }),
);

/** The model of a review (`AdmissionReview`), and a schema that knows what it refers to. */
export function reviewModel(schema: Schema, version: string, kind: string): { readonly schema: Schema; readonly model: ModelSchema } {
  const model = (name: string): ModelSchema => MODELS.get(name) ?? schema.model(name);
  return { schema: { ...schema, model }, model: model(`${version}.${kind}`) };
}

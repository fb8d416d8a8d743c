import type { V1CustomResourceDefinition } from '../../generated/types.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { stringFormat } from '../../customResources/formats.ts';
import { itemsOf, valuesOf } from '../../customResources/jsonSchema.ts';
import type { JsonSchema } from '../../customResources/jsonSchema.ts';

type Definition = Pick<IncomingObject<V1CustomResourceDefinition>, 'spec'>;

/** Formats that nobody checks (`GetUnrecognizedFormats`), and that the definition did not have before, as a warning. */
export function unknownFormats(definition: Definition, previous?: Definition): string[] {
  const before = new Set(previous ? formatsOf(previous) : []);
  return [...new Set(formatsOf(definition))].filter((format) => !before.has(format)).map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

const formatsOf = ({ spec }: Definition): string[] => (spec?.versions ?? []).flatMap(({ schema }) => (schema?.openAPIV3Schema ? unknownIn(schema.openAPIV3Schema) : []));

function isKnown(format: string, type: string | undefined): boolean {
  switch (type) {
    case undefined:
    case '':
    case 'string':
      return stringFormat(format) !== undefined;
    case 'integer':
      return format === 'int32' || format === 'int64';
    case 'number':
      return format === 'float' || format === 'double';
    default:
      return false;
  }
}

function unknownIn(schema: JsonSchema): string[] {
  const nested = [itemsOf(schema), ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), schema.not, ...Object.values(schema.properties ?? {}), valuesOf(schema)];
  const own = schema.format && !isKnown(schema.format, schema.type) ? [schema.format] : [];
  return [...own, ...nested.flatMap((each) => (each ? unknownIn(each) : []))];
}

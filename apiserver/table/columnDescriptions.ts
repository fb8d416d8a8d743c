import { builtinDefinitions } from '../../api/kinds/index.ts';
import type { TableColumn } from '../../api/resourceDefinition.ts';
import type { DescriptionsFile } from '../../api/schema/model.ts';
import { loadSchema } from '../../api/schema/schema.ts';

const texts = new Map<string, string>();

/**
 * What each column says of itself. The schema's descriptions are large, and read when a table is first asked for; of them, those that
 * a column of a kind names are kept.
 */
export function describeColumns(columns: readonly TableColumn[]): string[] {
  const isKnown = ({ description }: TableColumn): boolean => typeof description === 'string' || texts.has(description.of);
  if (!columns.every(isKnown)) {
    const descriptions = loadSchema().descriptions();
    for (const { description } of [...columns, ...builtinDefinitions.flatMap((each) => each.columns ?? [])]) {
      if (typeof description !== 'string') texts.set(description.of, fieldText(descriptions, description.of));
    }
  }
  return columns.map(({ description }) => (typeof description === 'string' ? description : texts.get(description.of)!));
}

/** The text of a field, `Model.property`; `''` where the schema has none. */
export function fieldText(descriptions: DescriptionsFile, field: string): string {
  const dot = field.indexOf('.');
  return descriptions[field.slice(0, dot)]?.[field.slice(dot + 1)] ?? '';
}

import { isRecord } from '../../api/values/isRecord.ts';
import { goType } from '../../api/values/goPrint.ts';
import { validateAnnotations, validateLabels } from '../../api/validation/labels.ts';

type TextMap = Readonly<Record<string, string>>;

/** What is wrong with the labels and annotations of an object that a webhook converted; undefined where nothing is. */
export function metadataFaults(metadata: Readonly<Record<string, unknown>>): string | undefined {
  for (const field of ['labels', 'annotations'] as const) {
    const value = metadata[field];
    if (value === undefined || value === null) continue;
    if (!isRecord(value)) return `invalid metadata.${field} of type ${goType(value)} in converted object`;
    const wrong = Object.entries(value).find(([, each]) => typeof each !== 'string');
    if (wrong) return `metadata.${field}[${wrong[0]}] must be a string, but is ${goType(wrong[1])} in converted object`;
  }
  const errors = [...validateLabels('metadata.labels', (metadata['labels'] ?? {}) as TextMap), ...validateAnnotations('metadata.annotations', (metadata['annotations'] ?? {}) as TextMap)].map(({ field, message }) => `${field}: ${message}`);
  return errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
}

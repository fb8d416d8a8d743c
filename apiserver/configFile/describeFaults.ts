import type { FieldError } from '../../api/fieldError.ts';

/** Faults of a configuration file as one text (`field.ErrorList.ToAggregate`). */
export function describeFaults(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

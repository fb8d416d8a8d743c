import type { FieldError } from '../../api/fieldError.ts';

/** A configuration of an admission plugin that cannot be used; the message names the field. */
export class AdmissionConfigurationError extends Error {}

/** The fields of a configuration of the wanted group and kind; throws where it is another one, or has fields that the kind does not. */
export function configurationObject(value: unknown, group: string, versions: readonly string[], kind: string, fields: readonly string[]): Readonly<Record<string, unknown>> {
  const object = record(value, kind);
  const apiVersion = object['apiVersion'];
  if (!versions.some((version) => apiVersion === `${group}/${version}`) || object['kind'] !== kind) {
    throw new AdmissionConfigurationError(`no kind ${JSON.stringify(object['kind'] ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}: ${group}/${versions[0]} ${kind} is expected`);
  }
  known(object, '', ['apiVersion', 'kind', ...fields]);
  return object;
}

/** A map of texts under some of these names. */
export function texts(value: unknown, field: string, names: readonly string[]): Readonly<Record<string, string | undefined>> {
  if (value === undefined || value === null) return {};
  const object = record(value, field);
  known(object, `${field}.`, names);
  for (const [name, each] of Object.entries(object)) if (typeof each !== 'string') throw new AdmissionConfigurationError(`${field}.${name}: a text is expected`);
  return object as Readonly<Record<string, string>>;
}

export function textList(value: unknown, field: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) throw new AdmissionConfigurationError(`${field}: a list of texts is expected`);
  return value as readonly string[];
}

export function record(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AdmissionConfigurationError(`${field}: an object is expected`);
  return value as Readonly<Record<string, unknown>>;
}

export function known(object: Readonly<Record<string, unknown>>, prefix: string, names: readonly string[]): void {
  const unknown = Object.keys(object).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new AdmissionConfigurationError(`unknown field "${prefix}${unknown}"`);
}

/** Several faults in the form in which Go's aggregates are printed. */
export function joinFaults(errors: readonly FieldError[]): string {
  const list = errors.map(({ field, message }) => `${field}: ${message}`);
  return list.length === 1 ? list[0]! : `[${list.join(', ')}]`;
}

import { duplicate, invalid, type FieldError } from '../../fieldError.ts';
import { DNS1123_SUBDOMAIN_MAX_LENGTH } from '../../validation/names.ts';

const NAME = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;

/** The features that a node says it has are sorted (`validateNodeDeclaredFeatures`). */
export function validateDeclaredFeatures(field: string, features: readonly string[]): FieldError[] {
  return features.flatMap((name, index) => {
    const fault = nameFault(name);
    const errors = fault === undefined ? [] : [invalid(`${field}[${index}]`, name, fault)];
    const next = features[index + 1];
    if (next === undefined || name < next) return errors;
    return [...errors, name === next ? duplicate(`${field}[${index + 1}]`, next) : invalid(`${field}[${index + 1}]`, next, 'list must be sorted alphabetically')];
  });
}

function nameFault(name: string): string | undefined {
  const head = `invalid feature name ${JSON.stringify(name)}: must `;
  if (name.length > DNS1123_SUBDOMAIN_MAX_LENGTH) return `${head}be no more than ${DNS1123_SUBDOMAIN_MAX_LENGTH} characters`;
  if (NAME.test(name)) return undefined;
  return `${head}start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
}

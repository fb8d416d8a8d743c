import { append, type FieldError, invalid, required } from '../fieldError.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../validation/names.ts';

/** A domain and a path, e.g. `kubernetes.io/kubelet-serving` (`ValidateSignerName`). */
export function validateSignerName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)];
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0) return [invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const labels = domain.split('.');
  const errors = labels.flatMap((label) => validateDns1123Label(label).map((message) => invalid(field, domain, `validating label ${JSON.stringify(label)}: ${message}`)));
  if (labels.length < 2) errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  for (const part of path.split('.')) append(errors, validateDns1123Subdomain(part).map((message) => invalid(field, path, `validating label ${JSON.stringify(part)}: ${message}`)));
  return errors;
}

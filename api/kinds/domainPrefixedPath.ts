import { invalid, required, type FieldError } from '../fieldError.ts';
import { invalidEach } from '../validation/fields.ts';
import { validateDns1123Subdomain } from '../validation/names.ts';

const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const WHOLE_PATH = new RegExp(`^${PATH}$`);

/** The name of a controller, e.g. `acme.io/queue` (`validation.IsDomainPrefixedPath`). */
export function validateDomainPrefixedPath(field: string, value: string): FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const domain = value.slice(0, slash);
  const path = value.slice(slash + 1);
  return [...invalidEach(field, domain, validateDns1123Subdomain(domain)), ...(WHOLE_PATH.test(path) ? [] : [invalid(field, path, `Invalid path (regex used for validation is '${PATH}')`)])];
}

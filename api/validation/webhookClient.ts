import { append, type FieldError, invalid, required } from '../fieldError.ts';
import { GoUrlError, parseGoUrl, type GoUrl } from '../values/goUrl.ts';
import { validateDns1123Subdomain, validatePortNumber } from './names.ts';

const URL_FORM = '; desired format: https://host[/path]';

/** Where a webhook is, as far as Kubernetes' own types of it agree. */
interface Service {
  readonly name?: string;
  readonly namespace?: string;
  readonly path?: string;
  readonly port?: number;
}

/** A webhook behind a Service (`webhook.ValidateWebhookService`). */
export function validateWebhookService(field: string, { name, namespace, path, port = 443 }: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${field}.name`));
  if (!namespace) errors.push(required(`${field}.namespace`));
  append(errors, validatePortNumber(port).map((message) => invalid(`${field}.port`, port, `port is not valid: ${message}`)));
  return path === undefined || path === '' || path === '/' ? errors : [...errors, ...validatePath(`${field}.path`, path)];
}

function validatePath(field: string, path: string): FieldError[] {
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')];
  const errors = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")];
  // Upstream drops the first character, whatever it is.
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  return [...errors, ...segments.flatMap((segment, index) => {
    const messages = segment === '' ? [' may not be empty'] : validateDns1123Subdomain(segment).map((message) => `: ${message}`);
    return messages.map((message) => invalid(field, path, `segment[${index}]${message}`));
  })];
}

/** A webhook at an address (`webhook.ValidateWebhookURL`, HTTPS only). */
export function validateWebhookUrl(field: string, text: string): FieldError[] {
  let url: GoUrl;
  try {
    url = parseGoUrl(text);
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    return [required(field, `url must be a valid URL: ${error.message}${URL_FORM}`)];
  }
  const { scheme, host, user, fragment, query } = url;
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalid(field, scheme, `'https' is the only allowed URL scheme${URL_FORM}`));
  if (host === '') errors.push(invalid(field, host, `host must be specified${URL_FORM}`));
  if (user !== undefined) errors.push(invalid(field, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(field, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(field, query, 'query parameters are not permitted in the URL'));
  return errors;
}

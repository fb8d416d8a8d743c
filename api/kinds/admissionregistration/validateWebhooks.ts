import type { AdmissionregistrationV1WebhookClientConfig, V1MutatingWebhook, V1RuleWithOperations, V1ValidatingWebhook } from '../../generated/types.ts';
import { duplicate, invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import { invalidEach, oneOfIfSet } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { conditionProgram } from './conditionProgram.ts';
import { validateDns1035Label, validateDns1123Subdomain, validatePortNumber, validateQualifiedName } from '../../validation/names.ts';

type Webhook = V1ValidatingWebhook | V1MutatingWebhook;

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const MAX_TIMEOUT_SECONDS = 30;
const MAX_CONDITIONS = 64;
const URL_FORM = '; desired format: https://host[/path]';

/** The webhooks of a configuration, whether they change objects or judge them. */
export function validateWebhooks(webhooks: readonly Webhook[] | undefined): FieldError[] {
  const names = new Set<string>();
  return (webhooks ?? []).flatMap((webhook, index) => {
    const field = `webhooks[${index}]`;
    const errors = [...validateWebhook(field, webhook), ...validateReviewVersions(`${field}.admissionReviewVersions`, webhook.admissionReviewVersions)];
    if (webhook.name && names.has(webhook.name)) errors.push(duplicate(`${field}.name`, webhook.name));
    names.add(webhook.name);
    return errors;
  });
}

function validateWebhook(field: string, webhook: Webhook): FieldError[] {
  const { rules = [], timeoutSeconds, sideEffects, matchConditions = [] } = webhook;
  const errors = [
    ...validateFullName(`${field}.name`, webhook.name),
    ...rules.flatMap((rule, index) => validateRule(`${field}.rules[${index}]`, rule)),
    ...oneOfIfSet(`${field}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...oneOfIfSet(`${field}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
  ];
  if (!sideEffects) errors.push(required(`${field}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`));
  else if (!SIDE_EFFECTS.includes(sideEffects)) errors.push(notSupported(`${field}.sideEffects`, sideEffects, SIDE_EFFECTS));
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)) errors.push(invalid(`${field}.timeoutSeconds`, timeoutSeconds, `the timeout value must be between 1 and ${MAX_TIMEOUT_SECONDS} seconds`));
  errors.push(...validateLabelSelector(`${field}.namespaceSelector`, webhook.namespaceSelector), ...validateLabelSelector(`${field}.objectSelector`, webhook.objectSelector));
  errors.push(...validateClientConfig(`${field}.clientConfig`, webhook.clientConfig));
  if ('reinvocationPolicy' in webhook) errors.push(...oneOfIfSet(`${field}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']));
  if (matchConditions.length > MAX_CONDITIONS) errors.push({ type: 'FieldValueTooMany', field: `${field}.matchConditions`, message: `Too many: ${matchConditions.length}: must have at most ${MAX_CONDITIONS} items` });
  for (const [index, { name, expression }] of matchConditions.entries()) {
    const path = `${field}.matchConditions[${index}]`;
    errors.push(...(name ? invalidEach(`${path}.name`, name, validateQualifiedName(name)) : [required(`${path}.name`)]));
    if (name && matchConditions.findIndex((each) => each.name === name) < index) errors.push(duplicate(`${path}.name`, name));
    errors.push(...validateCondition(`${path}.expression`, expression));
  }
  return errors;
}

function validateCondition(field: string, expression: string | undefined): FieldError[] {
  if (!expression?.trim()) return [required(field)];
  const condition = conditionProgram(expression);
  return condition.ok ? [] : [invalid(field, expression, condition.fault)];
}

/** A name that is its owner's alone, e.g. `check.cranes.example.com`. */
function validateFullName(field: string, name: string | undefined): FieldError[] {
  if (!name) return [required(field)];
  const messages = validateDns1123Subdomain(name);
  if (messages.length > 0) return invalidEach(field, name, messages);
  return name.split('.').length < 3 ? [invalid(field, name, 'should be a domain with at least three segments separated by dots')] : [];
}

function validateReviewVersions(field: string, versions: readonly string[] | undefined): FieldError[] {
  if (!versions?.length) return [required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  const errors = versions.flatMap((version, index) => (versions.indexOf(version) < index ? [duplicate(`${field}[${index}]`, version)] : invalidEach(`${field}[${index}]`, version, validateDns1035Label(version))));
  return errors.length > 0 || versions.some((each) => REVIEW_VERSIONS.includes(each)) ? errors : [invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}

/** What a rule of a webhook, or of an admission policy, applies to. */
export function validateRule(field: string, { apiGroups = [], apiVersions = [], resources = [], operations = [], scope }: V1RuleWithOperations): FieldError[] {
  const errors = [...validateChoice(`${field}.apiGroups`, apiGroups, 'API groups', true), ...validateChoice(`${field}.apiVersions`, apiVersions, 'API versions'), ...validateChoice(`${field}.resources`, resources, 'resources')];
  errors.push(...oneOfIfSet(`${field}.scope`, scope, ['*', 'Cluster', 'Namespaced']), ...validateChoice(`${field}.operations`, operations, 'operations'));
  for (const [index, operation] of operations.entries()) if (!OPERATIONS.includes(operation)) errors.push(notSupported(`${field}.operations[${index}]`, operation, OPERATIONS));
  return errors;
}

/** `*` stands for everything, so nothing may stand beside it. For resources it may still be joined by `x/y`. */
function validateChoice(field: string, values: readonly string[], what: string, mayBeEmpty = false): FieldError[] {
  if (values.length === 0) return [required(field)];
  const errors = mayBeEmpty ? [] : values.flatMap((value, index) => (value === '' ? [required(`${field}[${index}]`)] : []));
  const everything = what === 'resources' ? '*/*' : '*';
  if (values.includes(everything) && values.length > 1) errors.push(invalid(field, values, `if '${everything}' is present, must not specify other ${what}`));
  return errors;
}

function validateClientConfig(field: string, config: AdmissionregistrationV1WebhookClientConfig | undefined): FieldError[] {
  const { url, service } = config ?? {};
  if ((url === undefined) === (service === undefined)) return [required(field, 'exactly one of url or service is required')];
  if (url !== undefined) return validateUrl(`${field}.url`, url);
  const { name, namespace, port = 443, path } = service ?? {};
  const place = `${field}.service`;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${place}.name`, 'service name is required'));
  if (!namespace) errors.push(required(`${place}.namespace`, 'service namespace is required'));
  errors.push(...validatePortNumber(port).map((message) => invalid(`${place}.port`, port, `port is not valid: ${message}`)));
  if (path !== undefined && path !== '' && !path.startsWith('/')) errors.push(invalid(`${place}.path`, path, "must start with a '/'"));
  return errors;
}

function validateUrl(field: string, text: string): FieldError[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return [required(field, `url must be a valid URL${URL_FORM}`)];
  const errors: FieldError[] = [];
  const scheme = url.protocol.replace(/:$/, '');
  if (scheme !== 'https') errors.push(invalid(field, scheme, `'https' is the only allowed URL scheme${URL_FORM}`));
  if (url.host === '') errors.push(invalid(field, url.host, `host must be specified${URL_FORM}`));
  if (url.username !== '' || url.password !== '') errors.push(invalid(field, url.username, 'user information is not permitted in the URL'));
  if (url.hash !== '') errors.push(invalid(field, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url.search !== '') errors.push(invalid(field, url.search.slice(1), 'query parameters are not permitted in the URL'));
  return errors;
}

import type { AdmissionregistrationV1WebhookClientConfig, V1MutatingWebhook, V1ValidatingWebhook } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, ofEach, required } from '../../fieldError.ts';
import { invalidEach, oneOfIfSet, repeats } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validateDns1035Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { validateWebhookService, validateWebhookUrl } from '../../validation/webhookClient.ts';
import { WEBHOOK_ENVIRONMENT } from './policyExpressions.ts';
import { validateMatchConditions } from './validatePolicyMatch.ts';
import { validateRule } from './validateRule.ts';

type Webhook = V1ValidatingWebhook | V1MutatingWebhook;

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const MAX_TIMEOUT_SECONDS = 30;

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
    ...ofEach(`${field}.rules`, rules, validateRule),
    ...oneOfIfSet(`${field}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...oneOfIfSet(`${field}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
  ];
  if (sideEffects === undefined) errors.push(required(`${field}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`));
  else if (!SIDE_EFFECTS.includes(sideEffects)) errors.push(notSupported(`${field}.sideEffects`, sideEffects, SIDE_EFFECTS));
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)) errors.push(invalid(`${field}.timeoutSeconds`, timeoutSeconds, `the timeout value must be between 1 and ${MAX_TIMEOUT_SECONDS} seconds`));
  append(errors, validateLabelSelector(`${field}.namespaceSelector`, webhook.namespaceSelector), validateLabelSelector(`${field}.objectSelector`, webhook.objectSelector));
  if ('reinvocationPolicy' in webhook) append(errors, oneOfIfSet(`${field}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']));
  append(errors, validateClientConfig(`${field}.clientConfig`, webhook.clientConfig));
  return [...errors, ...validateMatchConditions(`${field}.matchConditions`, matchConditions, WEBHOOK_ENVIRONMENT)];
}

/** A name that is its owner's alone, e.g. `check.cranes.example.com`. */
function validateFullName(field: string, name: string | undefined): FieldError[] {
  if (!name) return [required(field)];
  const messages = validateDns1123Subdomain(name);
  if (messages.length > 0) return [invalid(field, name, messages.join(','))];
  return name.split('.').length < 3 ? [invalid(field, name, 'should be a domain with at least three segments separated by dots')] : [];
}

function validateReviewVersions(field: string, versions: readonly string[] | undefined): FieldError[] {
  if (!versions?.length) return [required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  const isSame = repeats();
  const errors = versions.flatMap((version, index) => (isSame(version) ? [invalid(`${field}[${index}]`, version, 'duplicate version')] : invalidEach(`${field}[${index}]`, version, validateDns1035Label(version))));
  return versions.some((each) => REVIEW_VERSIONS.includes(each)) ? errors : [...errors, invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}

function validateClientConfig(field: string, config: AdmissionregistrationV1WebhookClientConfig | undefined): FieldError[] {
  const { url, service } = config ?? {};
  if ((url === undefined) === (service === undefined)) return [required(field, 'exactly one of url or service is required')];
  return url === undefined ? validateWebhookService(`${field}.service`, service ?? {}) : validateWebhookUrl(`${field}.url`, url);
}

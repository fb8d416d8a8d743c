import { statSync } from 'node:fs';
import path from 'node:path';
import { append, duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../../api/fieldError.ts';
import { validateDns1123Subdomain } from '../../../api/validation/names.ts';
import { formatGoDuration } from '../../../process/goDuration.ts';
import type { AuthorizerConfiguration, WebhookConfiguration } from './authorizationConfiguration.ts';

export const MODES = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
const REPEATABLE = 'Webhook';
const MAXIMUM_CONDITIONS = 64;
const MAXIMUM_TIMEOUT = 30_000;

/** Why an expression cannot be used; undefined when it can. */
export type ExpressionFault = (expression: string) => string | undefined;

/** `ValidateAuthorizationConfiguration`. */
export function validateAuthorizationConfiguration(authorizers: readonly AuthorizerConfiguration[], expressionFault: ExpressionFault): FieldError[] {
  const errors: FieldError[] = authorizers.length === 0 ? [required('authorizers', 'at least one authorization mode must be defined')] : [];
  const types = new Set<string>();
  const names = new Set<string>();
  for (const [index, { type = '', name = '', webhook }] of authorizers.entries()) {
    const field = `authorizers[${index}]`;
    const fault = typeFault(`${field}.type`, type, types);
    if (fault) {
      errors.push(fault);
      continue;
    }
    types.add(type);
    append(errors, nameFaults(`${field}.name`, name, names));
    names.add(name);
    if (type !== REPEATABLE) {
      if (webhook) errors.push(invalid(`${field}.webhook`, 'non-null', 'may only be specified when type=Webhook'));
    } else if (webhook) append(errors, webhookFaults(field, webhook, expressionFault));
    else errors.push(required(`${field}.webhook`, 'required when type=Webhook'));
  }
  return errors;
}

function typeFault(field: string, type: string, seen: ReadonlySet<string>): FieldError | undefined {
  if (type === '') return required(field);
  if (!MODES.includes(type)) return notSupported(field, type, MODES);
  return seen.has(type) && type !== REPEATABLE ? duplicate(field, type) : undefined;
}

function nameFaults(field: string, name: string, seen: ReadonlySet<string>): FieldError[] {
  if (name === '') return [required(field)];
  if (seen.has(name)) return [duplicate(field, name)];
  const messages = validateDns1123Subdomain(name);
  return messages.length === 0 ? [] : [invalid(field, name, `authorizer name is invalid: ${messages.join(', ')}`)];
}

function webhookFaults(field: string, webhook: WebhookConfiguration, expressionFault: ExpressionFault): FieldError[] {
  const { timeout = 0, authorizedTTL = 0, unauthorizedTTL = 0, subjectAccessReviewVersion: version = '', failurePolicy = '', matchConditions = [] } = webhook;
  const errors: FieldError[] = [];
  if (timeout === 0) errors.push(required(`${field}.timeout`));
  else if (timeout < 0 || timeout > MAXIMUM_TIMEOUT) errors.push(invalid(`${field}.timeout`, formatGoDuration(timeout), 'must be > 0s and <= 30s'));
  if (authorizedTTL < 0) errors.push(invalid(`${field}.authorizedTTL`, formatGoDuration(authorizedTTL), 'must be > 0s'));
  if (unauthorizedTTL < 0) errors.push(invalid(`${field}.unauthorizedTTL`, formatGoDuration(unauthorizedTTL), 'must be > 0s'));
  if (version === '') errors.push(required(`${field}.subjectAccessReviewVersion`));
  else if (version !== 'v1' && version !== 'v1beta1') errors.push(notSupported(`${field}.subjectAccessReviewVersion`, version, ['v1', 'v1beta1']));
  append(errors, conditionVersionFaults(field, webhook));
  if (failurePolicy === '') errors.push(required(`${field}.failurePolicy`));
  else if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny') errors.push(notSupported(`${field}.failurePolicy`, failurePolicy, ['NoOpinion', 'Deny']));
  return [...errors, ...connectionFaults(`${field}.connectionInfo`, webhook.connectionInfo ?? {}), ...conditionFaults(`${field}.matchConditions`, matchConditions, expressionFault)];
}

function conditionVersionFaults(field: string, { matchConditionSubjectAccessReviewVersion: version = '', matchConditions = [] }: WebhookConfiguration): FieldError[] {
  const at = `${field}.matchConditionSubjectAccessReviewVersion`;
  if (version === '') return matchConditions.length > 0 ? [required(at, 'required if match conditions are specified')] : [];
  return version === 'v1' ? [] : [notSupported(at, version, ['v1'])];
}

function connectionFaults(field: string, info: { readonly type?: string; readonly kubeConfigFile?: string }): FieldError[] {
  const { type = '', kubeConfigFile: file } = info;
  if (type === '') return [required(`${field}.type`)];
  if (type === 'InClusterConfig') return file === undefined ? [] : [invalid(`${field}.kubeConfigFile`, file, 'can only be set when type=KubeConfigFile')];
  if (type !== 'KubeConfigFile') return [notSupported(`${field}.type`, { Type: type, KubeConfigFile: file ?? null }, ['InClusterConfig', 'KubeConfigFile'])];
  if (file === undefined || file === '') return [required(`${field}.kubeConfigFile`)];
  const why = whyNotFile(file);
  return why === undefined ? [] : [invalid(`${field}.kubeConfigFile`, file, why)];
}

function whyNotFile(file: string): string | undefined {
  if (!path.isAbsolute(file)) return 'must be an absolute path';
  try {
    return statSync(file).isFile() ? undefined : 'must be a regular file';
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return `error loading file: ${missing ? `stat ${file}: no such file or directory` : (error as Error).message}`;
  }
}

function conditionFaults(field: string, conditions: readonly { readonly expression?: string }[], expressionFault: ExpressionFault): FieldError[] {
  if (conditions.length > MAXIMUM_CONDITIONS) return [tooMany(field, conditions.length, MAXIMUM_CONDITIONS)];
  const seen = new Set<string>();
  return conditions.flatMap(({ expression = '' }, index) => {
    const at = `${field}[${index}].expression`;
    if (expression.trim() === '') return [required(at)];
    if (seen.has(expression)) return [duplicate(at, expression)];
    seen.add(expression);
    const fault = expressionFault(expression);
    return fault === undefined ? [] : [invalid(at, expression, fault)];
  });
}

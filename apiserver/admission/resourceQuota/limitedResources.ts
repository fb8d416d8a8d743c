import type { V1ResourceQuota, V1ScopedResourceSelectorRequirement } from '../../../api/generated/types.ts';
import { inScope, matchesScope, scopesOf } from '../../../api/values/quotaScopes.ts';
import { countedNames, increase, quotaUsage, type Usage } from '../../../api/values/quotaUsage.ts';
import { AdmissionConfigurationError, configurationObject, known, record, textList } from '../configurationObject.ts';
import type { QuotaRequest } from './charge.ts';

/** What may only be taken where a quota covers it (`LimitedResource`). */
export interface LimitedResource {
  readonly apiGroup: string;
  readonly resource: string;
  /** Parts of names of a quota; `.storageclass.storage.k8s.io/requests.storage` means that of every class. */
  readonly matchContains: readonly string[];
  readonly matchScopes: readonly V1ScopedResourceSelectorRequirement[];
}

/** Reads an `apiserver.config.k8s.io` ResourceQuotaConfiguration; throws an `AdmissionConfigurationError`. */
export function limitedResources(configuration: unknown): readonly LimitedResource[] {
  if (configuration === undefined || configuration === null) return [];
  const isOld = record(configuration, 'ResourceQuotaConfiguration')['kind'] === 'Configuration';
  const root = isOld
    ? configurationObject(configuration, 'resourcequota.admission.k8s.io', ['v1beta1', 'v1alpha1'], 'Configuration', ['limitedResources'])
    : configurationObject(configuration, 'apiserver.config.k8s.io', ['v1'], 'ResourceQuotaConfiguration', ['limitedResources']);
  const list = root['limitedResources'] ?? [];
  if (!Array.isArray(list)) throw new AdmissionConfigurationError('limitedResources: a list is expected');
  return list.map((item: unknown, index) => {
    const field = `limitedResources[${index}]`;
    const entry = record(item, field);
    known(entry, `${field}.`, ['apiGroup', 'resource', 'matchContains', 'matchScopes']);
    if (typeof entry['resource'] !== 'string' || entry['resource'] === '') throw new AdmissionConfigurationError(`${field}.resource: Required value`);
    const scopes = entry['matchScopes'] ?? [];
    if (!Array.isArray(scopes)) throw new AdmissionConfigurationError(`${field}.matchScopes: a list is expected`);
    return {
      apiGroup: typeof entry['apiGroup'] === 'string' ? entry['apiGroup'] : '',
      resource: entry['resource'],
      matchContains: textList(entry['matchContains'], `${field}.matchContains`),
      matchScopes: scopes.map((scope: unknown, at) => scopeOf(scope, `${field}.matchScopes[${at}]`)),
    };
  });
}

function scopeOf(value: unknown, field: string): V1ScopedResourceSelectorRequirement {
  const scope = record(value, field);
  known(scope, `${field}.`, ['scopeName', 'operator', 'values']);
  const { scopeName, operator } = scope;
  if (typeof scopeName !== 'string' || typeof operator !== 'string') throw new AdmissionConfigurationError(`${field}: scopeName and operator are required`);
  return { scopeName, operator, values: [...textList(scope['values'], `${field}.values`)] };
}

/** Why a request may not take what it asks for without a quota that covers it; undefined where nothing is limited, or a quota does. */
export function whyUncovered(limited: readonly LimitedResource[], quotas: readonly V1ResourceQuota[], request: QuotaRequest): string | undefined {
  const { group, plural, object, operation, previous, facts } = request;
  const wanted = limited.filter(({ apiGroup, resource }) => apiGroup === group && resource === plural);
  if (wanted.length === 0) return undefined;
  const before: Usage = operation === 'UPDATE' && previous ? quotaUsage(group, plural, previous, undefined, facts) : new Map();
  const usage = quotaUsage(group, plural, object, undefined, facts);
  if (increase(usage, before).size === 0) return undefined;
  const names = [...usage].filter(([name, amount]) => amount.nanos > 0n && wanted.some(({ matchContains }) => matchContains.some((part) => name.includes(part)))).map(([name]) => name);
  const covering = quotas.filter((quota) => inScope(quota, group, plural, object));
  const covered = new Set(covering.flatMap((quota) => countedNames(group, plural, Object.keys(quota.status?.hard ?? {}))));
  const uncovered = names.filter((name) => !covered.has(name)).sort();
  if (uncovered.length > 0) return `insufficient quota to consume: ${uncovered.join(',')}`;
  const ofQuotas = new Set(quotas.flatMap((quota) => scopesOf(quota).filter((scope) => matchesScope(scope, group, plural, object)).map(({ scopeName }) => scopeName)));
  const scopes = wanted.flatMap(({ matchScopes }) => matchScopes).filter((scope) => matchesScope(scope, group, plural, object) && !ofQuotas.has(scope.scopeName));
  if (scopes.length === 0) return undefined;
  return `insufficient quota to match these scopes: [${scopes.map(({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`).join(' ')}]`;
}

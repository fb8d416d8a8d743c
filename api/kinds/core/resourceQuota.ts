import type { V1ResourceQuota, V1ResourceQuotaSpec } from '../../generated/types.ts';
import { invalid, required, type FieldError, append } from '../../fieldError.ts';
import { IMMUTABLE_MESSAGE } from '../../validation/names.ts';
import { isStandardQuotaResource, validateQuotaResourceName, validateResourceQuantity } from '../../validation/resources.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { internalForm } from '../internalForm.ts';
import { ownField } from '../../values/ownField.ts';

const POD_COMPUTE: ReadonlySet<string> = new Set(['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);
const PODS: ReadonlySet<string> = new Set(['pods']);
const CLAIMS: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage']);
/** What each scope can be applied to. */
const SCOPES: ReadonlyMap<string, ReadonlySet<string>> = new Map(Object.entries({
  BestEffort: PODS, CrossNamespacePodAffinity: POD_COMPUTE, NotBestEffort: POD_COMPUTE, NotTerminating: POD_COMPUTE, PriorityClass: POD_COMPUTE, Terminating: POD_COMPUTE, VolumeAttributesClass: CLAIMS,
}));
const ONLY_EXISTS = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const CONFLICTS = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']];

export const resourceQuota = defineKind<V1ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  model: 'V1ResourceQuota',
  hasStatus: true,
  setDefaults({ spec, status }) {
    canonicalizeResources(spec?.hard);
    canonicalizeResources(status?.hard);
    canonicalizeResources(status?.used);
  },
  validate: ({ spec }) => [...validateAmounts('spec.hard', spec?.hard), ...validateScopes(spec ?? {}), ...validateSelector(spec ?? {})],
  validateUpdate({ spec }, previous) {
    const scopes = spec?.scopes ?? [];
    const isSame = [...new Set(scopes)].sort().join() === [...new Set(previous.spec?.scopes)].sort().join();
    return isSame ? [] : [invalid('spec.scopes', scopes, IMMUTABLE_MESSAGE)];
  },
  validateStatusUpdate: ({ status }) => [...validateAmounts('status.hard', status?.hard), ...validateAmounts('status.used', status?.used)],
  columns: [
    textColumn('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.', (quota) => usage(quota, false)),
    textColumn('Limit', 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.', (quota) => usage(quota, true)),
    ageColumn,
  ],
});

function validateAmounts(field: string, amounts: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => [...validateQuotaResourceName(`${field}[${name}]`, name), ...validateResourceQuantity(`${field}[${name}]`, name, amount)]);
}

/** The resources that a scope says nothing of, each a fault. */
function misplaced(scope: string, { hard = {} }: V1ResourceQuotaSpec): readonly string[] {
  const allowed = SCOPES.get(scope);
  return allowed ? Object.keys(hard).filter((name) => isStandardQuotaResource(name) && !allowed.has(name)) : [];
}

function validateConflicts(field: string, scopes: readonly string[], shown: unknown): FieldError[] {
  return CONFLICTS.flatMap((pair) => (pair.every((scope) => scopes.includes(scope)) ? [invalid(field, shown, 'conflicting scopes')] : []));
}

/** A value that is made when it is asked for, and not again. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function validateScopes(spec: V1ResourceQuotaSpec): FieldError[] {
  const field = 'spec.scopes';
  const scopes = spec.scopes ?? [];
  // Each fault shows all scopes.
  const [unknown, wrong] = [once(() => invalid(field, scopes, 'unsupported scope')), once(() => invalid(field, scopes, 'unsupported scope applied to resource'))];
  const errors = scopes.flatMap((scope) => [...(SCOPES.has(scope) ? [] : [unknown()]), ...misplaced(scope, spec).map(wrong)]);
  return [...errors, ...validateConflicts(field, scopes, scopes)];
}

function validateSelector(spec: V1ResourceQuotaSpec): FieldError[] {
  const field = 'spec.scopeSelector.matchExpressions';
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const wrong = once(() => invalid(field, internalForm('*ScopeSelector', spec.scopeSelector), 'unsupported scope applied to resource'));
  const errors = requirements.flatMap(({ scopeName, operator, values = [] }) => {
    const own: FieldError[] = SCOPES.has(scopeName) ? [] : [invalid(`${field}.scopeName`, scopeName ?? '', 'unsupported scope')];
    append(own, misplaced(scopeName, spec).map(wrong));
    if (ONLY_EXISTS.includes(scopeName) && operator !== 'Exists') {
      own.push(invalid(`${field}.operator`, operator ?? '', "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"));
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) own.push(required(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) own.push(invalid(`${field}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else {
      own.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
    }
    return own;
  });
  return [...errors, ...validateConflicts(field, requirements.map(({ scopeName }) => scopeName), spec.scopes ?? null)];
}

function usage({ status }: V1ResourceQuota, limits: boolean): string {
  const names = Object.keys(status?.hard ?? {}).filter((name) => name.startsWith('limits.') === limits).sort();
  return names.map((name) => `${name}: ${ownField(status?.used, name) ?? '0'}/${ownField(status?.hard, name) ?? '0'}`).join(', ');
}

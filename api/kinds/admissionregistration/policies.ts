import type { V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding, V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding } from '../../generated/types.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { setMatchDefaults } from './policyDefaults.ts';
import { validateMutatingBinding, validateMutatingPolicy } from './validateMutatingPolicies.ts';
import { validatePolicyStatus, validateValidatingBinding, validateValidatingPolicy } from './validatePolicies.ts';

export const mutatingAdmissionPolicy = defineKind<V1MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1MutatingAdmissionPolicy',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ||= 'Fail';
    setMatchDefaults(spec.matchConstraints);
  },
  validate: validateMutatingPolicy,
  columns: [
    integerColumn('Mutations', 'Mutation indicates the number of mutations rules defined in this configuration', ({ spec }) => spec?.mutations?.length ?? 0),
    textColumn('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy', ({ spec }) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>')),
    ageColumn,
  ],
});

export const mutatingAdmissionPolicyBinding = defineKind<V1MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  singular: 'mutatingadmissionpolicybinding',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1MutatingAdmissionPolicyBinding',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults: ({ spec }) => setMatchDefaults(spec?.matchResources),
  validate: validateMutatingBinding,
  columns: [
    textColumn('PolicyName', 'PolicyName indicates the policy definition which the policy binding binded to', ({ spec }) => spec?.policyName ?? ''),
    textColumn('ParamRef', 'ParamRef indicates the param resource which sets the configration param', ({ spec }) => {
      const { namespace, name, selector } = spec?.paramRef ?? {};
      if (name) return namespace ? `${namespace}/${name}` : `*/${name}`;
      return selector ? formatLabelSelector(selector) : '<unset>';
    }),
    ageColumn,
  ],
});

export const validatingAdmissionPolicy = defineKind<V1ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1ValidatingAdmissionPolicy',
  hasStatus: true,
  statusKeepsMetadata: 'all',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ||= 'Fail';
    setMatchDefaults(spec.matchConstraints);
  },
  validate: validateValidatingPolicy,
  validateStatusUpdate: ({ status }) => validatePolicyStatus(status),
  columns: [
    integerColumn('Validations', 'Validations indicates the number of validation rules defined in this configuration', ({ spec }) => spec?.validations?.length ?? 0),
    textColumn('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy', ({ spec }) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>')),
    ageColumn,
  ],
});

export const validatingAdmissionPolicyBinding = defineKind<V1ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1ValidatingAdmissionPolicyBinding',
  hasGeneration: true,
  unconditionalUpdate: false,
  setDefaults: ({ spec }) => setMatchDefaults(spec?.matchResources),
  validate: validateValidatingBinding,
  columns: [
    textColumn('PolicyName', 'PolicyName indicates the policy definition which the policy binding binded to', ({ spec }) => spec?.policyName ?? ''),
    textColumn('ParamRef', 'ParamRef indicates the param resource which sets the configration param', ({ spec }) => {
      const { namespace, name, selector } = spec?.paramRef ?? {};
      if (name) return namespace ? `${namespace}/${name}` : `*/${name}`;
      return selector ? formatLabelSelector(selector) : '<unset>';
    }),
    ageColumn,
  ],
});

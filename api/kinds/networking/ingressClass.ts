import type { V1IngressClass } from '../../generated/types.ts';
import { append, type FieldError, forbidden, required, tooLong } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, oneOf, strictlyImmutable } from '../../validation/fields.ts';
import { validateDns1123Label } from '../../validation/names.ts';
import { ageColumn, orNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateDomainPrefixedPath } from '../domainPrefixedPath.ts';
import { validateTypedReference } from './validateIngress.ts';

const MAX_CONTROLLER_LENGTH = 250;

export const ingressClass = defineKind<V1IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  model: 'V1IngressClass',
  hasGeneration: true,
  setDefaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ||= 'Cluster';
  },
  validate,
  validateUpdate: ({ spec }, previous) => strictlyImmutable('spec.controller', spec?.controller, previous.spec?.controller),
  columns: [
    textColumn('Controller', 'Controller that is responsible for handling this class', ({ spec }) => spec?.controller ?? ''),
    textColumn('Parameters', 'A reference to a resource with additional parameters', ({ spec }) => {
      const { kind, name, apiGroup } = spec?.parameters ?? {};
      return orNone(kind && `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`);
    }),
    ageColumn,
  ],
});

function validate({ spec }: IncomingObject<V1IngressClass>): FieldError[] {
  const controller = spec?.controller ?? '';
  const errors = [...(controller.length > MAX_CONTROLLER_LENGTH ? [tooLong('spec.controller', MAX_CONTROLLER_LENGTH)] : []), ...validateDomainPrefixedPath('spec.controller', controller)];
  if (!spec?.parameters) return errors;
  const field = 'spec.parameters';
  const { scope, namespace } = spec.parameters;
  append(errors, validateTypedReference(field, spec.parameters), oneOf(`${field}.scope`, scope, ['Cluster', 'Namespace']));
  if (scope === 'Namespace' && namespace === undefined) errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  if (scope === 'Cluster' && namespace !== undefined) errors.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  return scope === 'Namespace' && namespace !== undefined ? [...errors, ...invalidEach(`${field}.namespace`, namespace, validateDns1123Label(namespace))] : errors;
}

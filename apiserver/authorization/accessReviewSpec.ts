import type { V1ResourceAttributes, V1SubjectAccessReviewSpec } from '../../api/generated/types.ts';
import type { FieldRequirement } from '../../api/values/fieldSelector.ts';
import type { LabelOperator, LabelRequirement } from '../../api/values/labelSelector.ts';
import type { AuthorizationAttributes } from '../types.ts';
import { fieldRequirementsOf, labelRequirementsOf } from './selectorRequirements.ts';

type Requirement = { key: string; operator: string; values: string[] };

/** What is asked, in the form in which webhooks and CEL conditions are asked. Selectors are given as far as they can be read. */
export function accessReviewSpec(attributes: AuthorizationAttributes): V1SubjectAccessReviewSpec {
  const { user, isResourceRequest, path, verb } = attributes;
  return {
    ...(isResourceRequest ? { resourceAttributes: resourceAttributes(attributes) } : { nonResourceAttributes: { path, verb } }),
    user: user.name,
    ...(user.groups.length === 0 ? {} : { groups: [...user.groups] }),
    ...(user.extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }),
    ...(user.uid === undefined || user.uid === '' ? {} : { uid: user.uid }),
  };
}

function resourceAttributes(attributes: AuthorizationAttributes): V1ResourceAttributes {
  const { namespace, verb, group, version, resource, subresource, name } = attributes;
  const given = Object.entries({ namespace, verb, group, version, resource, subresource, name }).filter(([, value]) => value !== '');
  const fields = fieldRequirementsOf(attributes).requirements.map(fieldRequirement);
  const labels = labelRequirementsOf(attributes).requirements.flatMap(labelRequirement);
  return {
    ...(Object.fromEntries(given) as V1ResourceAttributes),
    ...(fields.length === 0 ? {} : { fieldSelector: { requirements: fields } }),
    ...(labels.length === 0 ? {} : { labelSelector: { requirements: labels } }),
  };
}

const fieldRequirement = ({ field, equal, value }: FieldRequirement): Requirement => ({ key: field, operator: equal ? 'In' : 'NotIn', values: [value] });

const OPERATORS: Partial<Record<LabelOperator, string>> = { '=': 'In', in: 'In', '!=': 'NotIn', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist' };

/** `gt` and `lt` have no name in the API. */
function labelRequirement({ key, operator, values }: LabelRequirement): Requirement[] {
  const name = OPERATORS[operator];
  return name === undefined ? [] : [{ key, operator: name, values: [...values] }];
}

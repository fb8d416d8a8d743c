import type { V1FieldSelectorAttributes, V1LabelSelectorAttributes } from '../../api/generated/types.ts';
import { type FieldRequirement, type FieldSelector, parseFieldSelector } from '../../api/values/fieldSelector.ts';
import type { LabelOperator, LabelRequirement } from '../../api/values/labelSelector.ts';
import { parseLabelSelector, SelectorError } from '../../api/values/parseLabelSelector.ts';
import type { AuthorizationAttributes } from '../types.ts';
import { ownField } from '../../api/values/ownField.ts';

/** The conditions that could be read. Where some could not, what is asked for is wider than it was meant: never a wrong allowance. */
export interface Requirements<T> {
  readonly requirements: readonly T[];
  readonly faulty: boolean;
}

const NONE: Requirements<never> = { requirements: [], faulty: false };
const UNREADABLE: Requirements<never> = { requirements: [], faulty: true };

/** What the fields must be of the objects that a request is about. */
export function fieldRequirementsOf({ fieldRequirements, fieldSelector }: AuthorizationAttributes): Requirements<FieldRequirement> {
  if (fieldRequirements) return { requirements: fieldRequirements, faulty: false };
  return fieldSelector === undefined ? NONE : readable(() => parseFieldSelector(fieldSelector));
}

/** The same for labels. */
export function labelRequirementsOf({ labelRequirements, labelSelector }: AuthorizationAttributes): Requirements<LabelRequirement> {
  if (labelRequirements) return { requirements: labelRequirements, faulty: false };
  return labelSelector === undefined ? NONE : readable(() => parseLabelSelector(labelSelector).requirements);
}

/** From a `SubjectAccessReview`; where text and requirements are both given, the latter count (`ResourceAttributesFrom`). */
export function reviewedFields({ rawSelector = '', requirements = [] }: V1FieldSelectorAttributes): Requirements<FieldRequirement> {
  if (requirements.length === 0) return rawSelector === '' ? NONE : readable(() => parseFieldSelector(rawSelector));
  const known: FieldSelector = requirements.flatMap(({ key, operator, values = [] }) => {
    const [value] = values;
    return value !== undefined && values.length === 1 && (operator === 'In' || operator === 'NotIn') ? [{ field: key, equal: operator === 'In', value }] : [];
  });
  return { requirements: known, faulty: known.length < requirements.length };
}

const LABEL_OPERATORS: Readonly<Record<string, LabelOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/** The same for labels. */
export function reviewedLabels({ rawSelector = '', requirements = [] }: V1LabelSelectorAttributes): Requirements<LabelRequirement> {
  if (requirements.length === 0) return rawSelector === '' ? NONE : readable(() => parseLabelSelector(rawSelector).requirements);
  const known = requirements.flatMap(({ key, operator: name, values = [] }): LabelRequirement[] => {
    const operator = ownField(LABEL_OPERATORS, name);
    const takesValues = operator === 'in' || operator === 'notin';
    return operator !== undefined && takesValues === values.length > 0 ? [{ key, operator, values }] : [];
  });
  return { requirements: known, faulty: known.length < requirements.length };
}

function readable<T>(parse: () => readonly T[]): Requirements<T> {
  try {
    return { requirements: parse(), faulty: false };
  } catch (error) {
    if (error instanceof SelectorError) return UNREADABLE;
    throw error;
  }
}

import { type FieldError, forbidden, invalid, required } from '../../api/fieldError.ts';
import type { V1ResourceAttributes } from '../../api/generated/types.ts';
import { invalidEach, labelName } from '../../api/validation/fields.ts';
import { validateLabelValue } from '../../api/validation/names.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

/** What is wrong with the selectors of a review; operators of later versions are let through (`validateResourceAttributes`). */
export function selectorFaults(field: string, attributes: V1ResourceAttributes | undefined): FieldError[] {
  return [...faultsOf(`${field}.fieldSelector`, attributes?.fieldSelector, keyFaults), ...faultsOf(`${field}.labelSelector`, attributes?.labelSelector, labelFaults)];
}

function faultsOf(field: string, selector: Selector | undefined, further: (field: string, requirement: Requirement) => FieldError[]): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0) errors.push(invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  if (rawSelector === '' && requirements.length === 0) errors.push(required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`));
  return [...errors, ...requirements.flatMap((each, index) => [...valueFaults(`${field}.requirements[${index}]`, each), ...further(`${field}.requirements[${index}]`, each)])];
}

function valueFaults(field: string, { operator, values = [] }: Requirement): FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) return [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) return [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [];
}

const keyFaults = (field: string, { key }: Requirement): FieldError[] => (key === '' ? [required(`${field}.key`, 'must be specified')] : []);

function labelFaults(field: string, { key, values = [] }: Requirement): FieldError[] {
  return [...labelName(`${field}.key`, key), ...values.flatMap((value, index) => invalidEach(`${field}.values[${index}]`, value, validateLabelValue(value)))];
}

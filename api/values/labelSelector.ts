import type { V1LabelSelector } from '../generated/types.ts';
import { ownField } from './ownField.ts';

export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** All requirements must hold; none at all selects everything. `nothing` selects no object, whatever the requirements. */
export interface LabelSelector {
  readonly requirements: readonly LabelRequirement[];
  readonly nothing?: true;
}

export type Labels = Readonly<Record<string, string>>;

export const EVERYTHING: LabelSelector = { requirements: [] };
export const NOTHING: LabelSelector = { requirements: [], nothing: true };

export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return !selector.nothing && selector.requirements.every((each) => requirementHolds(each, labels ?? {}));
}

function requirementHolds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = ownField(labels, key);
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const [number, limit] = [BigInt(value.replace('+', '')), BigInt((values[0] ?? '0').replace('+', ''))];
      return operator === 'gt' ? number > limit : number < limit;
    }
  }
}

const FROM_OPERATOR: Readonly<Record<string, LabelOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' };

/** From an object's `selector`: absent selects nothing, empty selects everything (`metav1.LabelSelectorAsSelector`). */
export function selectorOf(selector: V1LabelSelector | undefined | null): LabelSelector {
  if (!selector) return NOTHING;
  const requirements: LabelRequirement[] = [...fromMap(selector.matchLabels)];
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = ownField(FROM_OPERATOR, operator);
    // Validation refuses other operators; should one come by another way, it must not select by accident.
    if (!known) return NOTHING;
    requirements.push({ key, operator: known, values: values ?? [] });
  }
  return { requirements };
}

/** From a plain map, as Services and ReplicationControllers have it. */
export function selectorOfMap(labels: Labels | undefined | null): LabelSelector {
  return { requirements: fromMap(labels) };
}

function fromMap(labels: Labels | undefined | null): LabelRequirement[] {
  return Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }));
}

/** In the form of a query: `a=b,c in (d,e),!f`, sorted by key. */
export function formatSelector(selector: LabelSelector): string {
  if (selector.nothing) return '<none>';
  const sorted = selector.requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case '=':
    case '!=':
      return `${key}${operator}${values[0] ?? ''}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.toSorted().join(',')})`;
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'gt':
      return `${key}>${values[0] ?? ''}`;
    default:
      return `${key}<${values[0] ?? ''}`;
  }
}

/** How printers show an object's selector (`metav1.FormatLabelSelector`). */
export function formatLabelSelector(selector: V1LabelSelector | undefined | null): string {
  const text = formatSelector(selectorOf(selector));
  return text === '' ? '<none>' : text;
}

/** `a=b,c=d`, sorted; `<none>` when empty (`labels.FormatLabels`). */
export function formatLabels(labels: Labels | undefined | null): string {
  const text = Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(',');
  return text === '' ? '<none>' : text;
}

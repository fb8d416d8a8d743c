import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { isEmpty, type FieldSet, type FieldSetBuilder } from './fieldSet.ts';
import { fieldElement, SELF, type PathElement } from './pathElement.ts';

/** Stands for any element of a path. */
export const ANY = '*';
/** A path with everything below it. */
export type PathPattern = readonly PathElement[];

const pattern = (dotted: string): PathPattern => dotted.split('.').map((each) => (each === ANY ? ANY : fieldElement(each)));

/** Subresources that change so little that what they do change is named; by `group/plural/subresource`. */
const COUNTED: Readonly<Record<string, readonly PathPattern[]>> = {
  '/pods/ephemeralcontainers': [pattern('spec.ephemeralContainers')],
  '/pods/resize': [pattern('spec.containers.*.resources'), pattern('spec.containers.*.resizePolicy')],
};

/** What alone a way of writing changes, and therefore may own (upstream's `GetResetFieldsFilter`); undefined: all that it does not reset. */
export function countedFields({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>, subresource: string): readonly PathPattern[] | undefined {
  return subresource === '' ? undefined : COUNTED[`${group}/${plural}/${subresource}`];
}

/** The members of a set that one of the patterns covers. */
export function within(set: FieldSet, patterns: readonly PathPattern[]): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element in set) {
    if (element === SELF) continue;
    const rests = patterns.filter(([first]) => first === ANY || first === element).map((each) => each.slice(1));
    const isWhole = rests.some((rest) => rest.length === 0);
    const left = isWhole ? set[element]! : within(set[element]!, rests);
    if (isWhole || !isEmpty(left)) result[element] = left;
  }
  return result;
}

import { builtinDefinitions } from '../../../api/kinds/index.ts';
import { apiVersionOf } from '../../../api/kinds/lookup.ts';
import type { ResourceDefinition } from '../../../api/resourceDefinition.ts';
import type { RandomInput } from '../../../api/schema/randomInput.ts';
import { SAMPLE_NAMES, SAMPLES } from '../../rig/sampleObjects.ts';
import type { FuzzCase } from '../fuzzCase.ts';

/** A side that the server shows to clients, and what they might send there. */
export interface Surface {
  readonly name: string;
  /** The same case for the same input. */
  generate(input: RandomInput): FuzzCase;
}

export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const APPLY = 'application/apply-patch+yaml';

/** The kinds that are stored. */
export const stored: readonly ResourceDefinition[] = builtinDefinitions.filter(({ verbs }) => verbs === undefined || verbs.includes('update'));

const keyOf = (definition: ResourceDefinition): string => `${apiVersionOf(definition)} ${definition.kind}`;

/** The path of a kind's collection. */
export function collectionOf(definition: ResourceDefinition): string {
  const root = definition.group === '' ? '/api/v1' : `/apis/${apiVersionOf(definition)}`;
  return `${root}${definition.namespaced ? '/namespaces/default' : ''}/${definition.plural}`;
}

/** A sound object of a kind. */
export function sampleOf(definition: ResourceDefinition): Record<string, unknown> & { readonly metadata: { readonly name: string } } {
  const key = keyOf(definition);
  return { apiVersion: apiVersionOf(definition), kind: definition.kind, metadata: { name: SAMPLE_NAMES[key] ?? 'fuzzed' }, ...structuredClone(SAMPLES[key] ?? {}) };
}

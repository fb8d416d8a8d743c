import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Call } from '../fuzzCase.ts';
import { mutate } from '../mutate.ts';
import { APPLY, collectionOf, JSON_PATCH, MERGE, sampleOf, stored, STRATEGIC, type Surface } from './surface.ts';

/** Patches of every sort, applies by several managers, and owners that somebody made up. */
export const patches: Surface = {
  name: 'patches',
  generate: (input) => {
    const definition = input.pick(stored);
    const sample = sampleOf(definition);
    const path = `${collectionOf(definition)}/${encodeURIComponent(sample.metadata.name)}`;
    const calls: Call[] = [{ method: 'POST', path: collectionOf(definition), body: sample }];
    for (let count = 1 + input.below(4); count > 0; count -= 1) {
      const type = input.pick([MERGE, STRATEGIC, STRATEGIC, JSON_PATCH, APPLY, APPLY]);
      const changed = mutate(input, definition, sample, 1 + input.below(3));
      const query = type === APPLY ? `?fieldManager=${input.pick(['a', 'b', 'kubectl'])}${input.chance(0.7) ? '&force=true' : ''}` : input.pick(['', '', '?fieldManager=a', '?fieldValidation=Strict']);
      const content = type === JSON_PATCH ? input.operations(changed) : type === APPLY ? changed : input.chance(0.3) ? { metadata: { managedFields: owners(input) } } : input.mergePatch(changed);
      const body = input.chance(0.05) ? input.mangled(JSON.stringify(content)).toString('latin1') : content;
      calls.push({ method: 'PATCH', path: `${path}${input.pick(['', '', '', '/status', '/scale'])}${query}`, headers: { 'content-type': type }, body });
    }
    return { calls };
  },
};

const ELEMENTS = ['f:metadata', 'f:labels', 'f:spec', 'f:containers', 'f:data', 'f:a', 'f:', '.', 'k:{"name":"c"}', 'k:{"port":80,"protocol":"TCP"}', 'k:{', 'k:[]', 'v:"a"', 'v:1', 'v:{', 'i:0', 'i:-1', 'i:x', 'f:__proto__', 'f:constructor', 'constructor', '__proto__', 'x:y', ''];

function owners(input: RandomInput): unknown {
  if (input.chance(0.1)) return input.value(2);
  return Array.from({ length: input.below(4) }, () => ({
    manager: input.pick(['a', 'b', 'kubectl', '', 'x'.repeat(200), '\u0000']),
    operation: input.pick(['Apply', 'Update', 'Melt', '']),
    apiVersion: input.pick(['v1', 'apps/v1', 'nowhere/v9', '', 'a/b/c']),
    time: input.pick(['2026-01-01T00:00:00Z', 'yesterday', null]),
    fieldsType: input.pick(['FieldsV1', 'FieldsV2', '']),
    fieldsV1: input.chance(0.1) ? input.value(2) : fieldsV1(input, 5),
    ...(input.chance(0.2) ? { subresource: input.pick(['status', 'scale', 'constructor']) } : {}),
  }));
}

/** A set of fields that mostly is one. */
export function fieldsV1(input: RandomInput, depth: number): unknown {
  if (depth === 0) return input.chance(0.9) ? {} : input.value(1);
  return Object.fromEntries(Array.from({ length: input.below(4) }, () => [input.pick(ELEMENTS), fieldsV1(input, depth - 1)]));
}

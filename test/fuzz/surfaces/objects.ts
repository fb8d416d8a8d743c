import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Call } from '../fuzzCase.ts';
import { mutate } from '../mutate.ts';
import { collectionOf, sampleOf, stored, type Surface } from './surface.ts';

/** Creates and updates of every kind in every encoding: sound objects with some changes in them, and now and then with bytes changed. */
export const objects: Surface = {
  name: 'objects',
  generate: (input) => {
    const definition = input.pick(stored);
    const collection = collectionOf(definition);
    const sample = sampleOf(definition);
    const made = mutate(input, definition, sample, input.below(5));
    const calls: Call[] = [{ method: 'POST', path: `${collection}${input.pick(['', '', '?fieldValidation=Strict', '?dryRun=All', '?fieldManager=a'])}`, ...written(input, made) }];
    for (let update = input.below(3); update > 0; update -= 1) {
      const changed = mutate(input, definition, made, 1 + input.below(4));
      const subresource = input.pick(['', '', '', '/status', '/scale', '/approval', '/resize', '/ephemeralcontainers', '/binding', '/eviction', '/token']);
      calls.push({ method: ['/binding', '/eviction', '/token'].includes(subresource) ? 'POST' : 'PUT', path: `${collection}/${encodeURIComponent(sample.metadata.name)}${subresource}`, ...written(input, changed) });
    }
    return { calls };
  },
};

function written(input: RandomInput, body: object): Pick<Call, 'body' | 'form' | 'headers'> {
  if (input.chance(0.08)) return { body: input.mangled(JSON.stringify(body)).toString('latin1'), headers: { 'content-type': input.pick(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/cbor']) } };
  return input.chance(0.2) ? { body, form: 'yaml' } : input.chance(0.3) ? { body, form: 'protobuf' } : { body };
}

import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { SchemaType } from '../../api/schema/model.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { setField } from '../../api/values/ownField.ts';
import type { RandomInput } from '../../api/schema/randomInput.ts';

type Json = Record<string, unknown>;

const schema = loadSchema();
const DEPTH = 4;

/** A copy of an object of a kind with so many changes in it: fields set, replaced, taken away, items doubled; most of what is set is of the right type. */
export function mutate(input: RandomInput, definition: ResourceDefinition, object: object, changes: number): Json {
  const copy = structuredClone(object) as Json;
  for (let change = 0; change < changes; change += 1) changeModel(input, definition.model, copy);
  return copy;
}

/** Goes down a random way through a value, and changes something at its end. */
function changeModel(input: RandomInput, model: string, value: Json): void {
  const { properties } = schema.model(model);
  const names = Object.keys(properties).filter((name) => name !== 'apiVersion' && name !== 'kind');
  const present = names.filter((name) => Object.hasOwn(value, name));
  const isDown = present.length > 0 && input.chance(0.8);
  const name = isDown ? input.pick(present) : names.length > 0 ? input.pick(names) : 'unknown';
  const type = properties[name]?.type;
  if (!type) return;
  if (isDown && input.chance(0.85) && changeWithin(input, type, value[name])) return;
  if (isDown && input.chance(0.2)) delete value[name];
  else setField(value, name, input.fitting(schema, type, DEPTH));
}

/** False where the value has nothing in it. */
function changeWithin(input: RandomInput, type: SchemaType, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (type.kind === 'model' && !Array.isArray(value)) {
    changeModel(input, type.model, value as Json);
    return true;
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    const at = input.below(value.length + 1);
    if (at < value.length && changeWithin(input, type.items, value[at])) return true;
    if (value.length > 0 && input.chance(0.3)) value.push(structuredClone(value[0]));
    else if (value.length > 0 && input.chance(0.2)) value.splice(at, 1);
    else value.push(input.fitting(schema, type.items, DEPTH));
    return true;
  }
  if (type.kind === 'map' && !Array.isArray(value)) {
    const keys = Object.keys(value);
    const key = keys.length > 0 && input.chance(0.5) ? input.pick(keys) : input.pick(['a', 'cpu', 'constructor', '__proto__', 'example.com/x', 'A b', '']);
    setField(value as Json, key, input.fitting(schema, type.values, 2));
    return true;
  }
  return false;
}

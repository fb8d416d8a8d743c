import { deepEqual } from '../../api/values/deepEqual.ts';
import { ownField } from '../../api/values/ownField.ts';

/** As much of a Swagger 2.0 document as merging needs. */
export interface OpenApiV2 {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly definitions?: Readonly<Record<string, unknown>>;
}

const DEFINITION = '#/definitions/';

/**
 * Adds the paths below `prefixes` of another server's document, and the definitions that they need, to ours (kube-openapi's `MergeSpecs`). A definition
 * that we have differently gets another name. Neither argument is changed.
 */
export function mergeOpenApi<T extends OpenApiV2>(own: T, other: OpenApiV2, prefixes: readonly string[]): T {
  const paths = Object.fromEntries(Object.entries(other.paths ?? {}).filter(([path]) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))));
  const taken = own.definitions ?? {};
  const names = new Map<string, string>();
  for (const name of needed(paths, other.definitions ?? {})) {
    const definition = ownField(other.definitions, name);
    if (!Object.hasOwn(taken, name) || deepEqual(taken[name], definition)) {
      names.set(name, name);
      continue;
    }
    let number = 2;
    while (Object.hasOwn(taken, `${name}_v${number}`) || ownField(other.definitions, `${name}_v${number}`) !== undefined) number += 1;
    names.set(name, `${name}_v${number}`);
  }
  const added = [...names].map(([name, as]): [string, unknown] => [as, renamed(ownField(other.definitions, name), names)]);
  return { ...own, paths: { ...own.paths, ...(renamed(paths, names) as object) }, definitions: { ...taken, ...Object.fromEntries(added) } };
}

/** Names of all definitions that a value leads to. */
function needed(value: unknown, definitions: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, each] of Object.entries(next)) {
      if (key !== '$ref' || typeof each !== 'string' || !each.startsWith(DEFINITION)) {
        waiting.push(each);
        continue;
      }
      const name = each.slice(DEFINITION.length);
      if (found.has(name) || !Object.hasOwn(definitions, name)) continue;
      found.add(name);
      waiting.push(definitions[name]);
    }
  }
  return found;
}

/** Documents nest as deep as their schemas; beyond that they are nobody's. */
const DEEPEST = 200;

function renamed(value: unknown, names: ReadonlyMap<string, string>, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, names, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (key !== '$ref' || typeof each !== 'string' || !each.startsWith(DEFINITION)) return [key, renamed(each, names, depth + 1)];
      return [key, DEFINITION + (names.get(each.slice(DEFINITION.length)) ?? each.slice(DEFINITION.length))];
    }),
  );
}

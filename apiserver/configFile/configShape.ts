import { readGoDuration } from '../../process/goDuration.ts';

/** How a part of a configuration file looks; durations are given as Go writes them and become milliseconds. */
export type ConfigShape =
  | 'string'
  | 'boolean'
  | 'duration'
  | { readonly list: ConfigShape }
  | { readonly map: ConfigShape }
  | { readonly object: Readonly<Record<string, ConfigShape>> };

/** A file that does not have its form; the messages are those of Kubernetes' strict decoding. */
export class ConfigFileError extends Error {}

/** Reads plain data by a shape: `null` counts as absent, and nothing unknown is let through. Throws a ConfigFileError. */
export function readShape(value: unknown, shape: ConfigShape): unknown {
  const unknown: string[] = [];
  const read = readPart(value, shape, '', unknown);
  if (unknown.length > 0) throw new ConfigFileError(`strict decoding error: ${unknown.join(', ')}`);
  return read;
}

function readPart(value: unknown, shape: ConfigShape, path: string, unknown: string[]): unknown {
  if (shape === 'string' || shape === 'boolean') {
    if (typeof value !== shape) throw wrong(value, shape === 'boolean' ? 'bool' : 'string', path);
    return value;
  }
  if (shape === 'duration') {
    if (typeof value !== 'string') throw wrong(value, 'string', path);
    return readDuration(value, path);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw wrong(value, 'slice', path);
    return value.map((each, index) => readPart(each, shape.list, `${path}[${index}]`, unknown));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(value, 'map', path);
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  if ('map' in shape) return Object.fromEntries(entries.map(([key, each]) => [key, readPart(each, shape.map, `${path}.${key}`, unknown)]));
  return Object.fromEntries(
    entries.flatMap(([key, each]) => {
      const at = path === '' ? key : `${path}.${key}`;
      const part = Object.hasOwn(shape.object, key) ? shape.object[key] : undefined;
      if (part !== undefined) return [[key, readPart(each, part, at, unknown)]];
      unknown.push(`unknown field ${JSON.stringify(at)}`);
      return [];
    }),
  );
}

function readDuration(text: string, path: string): number {
  const read = readGoDuration(text);
  if (typeof read === 'string') throw new ConfigFileError(`${path}: time: invalid duration ${JSON.stringify(text)}`);
  return read;
}

function wrong(value: unknown, expected: string, path: string): ConfigFileError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new ConfigFileError(`json: cannot unmarshal ${kind} into field ${path === '' ? '(root)' : path} of type ${expected}`);
}

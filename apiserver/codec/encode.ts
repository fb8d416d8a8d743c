import { stringify } from 'yaml';

/** JSON as Kubernetes sends it: compact with a line break at the end, or indented by two, and without one, for `pretty`. */
export function encodeJson(value: unknown, pretty = false): Buffer {
  return Buffer.from(pretty ? JSON.stringify(value, undefined, 2) : `${JSON.stringify(value)}\n`);
}

/** YAML whose strings are quoted wherever YAML 1.1 would read something else (`yes`, `0644`, `1e3`); keys are sorted. */
export function encodeYaml(value: unknown): Buffer {
  const text = stringify(value, { version: '1.1', lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false, indentSeq: false });
  return Buffer.from(text);
}

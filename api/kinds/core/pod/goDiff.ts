import { deepEqual } from '../../../values/deepEqual.ts';

/**
 * The fields in which two specs differ, in the manner of the Go library that Kubernetes shows them with: a line beginning with
 * `-` for what was, one with `+` for what is asked for, and a count of what stayed the same.
 */
export function goDiff(typeName: string, previous: object, current: object): string {
  const before = previous as Readonly<Record<string, unknown>>;
  const after = current as Readonly<Record<string, unknown>>;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const lines: string[] = [];
  let same = 0;
  const skip = (): void => {
    if (same > 0) lines.push(`  \t... // ${same} identical field${same === 1 ? '' : 's'}`);
    same = 0;
  };
  for (const name of names) {
    if (deepEqual(before[name], after[name])) {
      same++;
      continue;
    }
    skip();
    const label = name.charAt(0).toUpperCase() + name.slice(1);
    lines.push(`- \t${label}: ${goValue(before[name])},`, `+ \t${label}: ${goValue(after[name])},`);
  }
  skip();
  return [`  ${typeName}{`, ...lines, '  }', ''].join('\n');
}

function goValue(value: unknown): string {
  return value === undefined ? 'nil' : JSON.stringify(value);
}

/** Words that CEL keeps for itself, and that a field cannot be called by. */
export const RESERVED: ReadonlySet<string> = new Set('true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '));

const IDENTIFIER = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const ESCAPES: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** The name by which an expression calls a property (`namespace` is `__namespace__`, `a-b` is `a__dash__b`); undefined where it cannot. */
export function escapeName(name: string): string | undefined {
  if (name === '' || /^[0-9]/.test(name) || !/^[a-zA-Z0-9_.\-/]+$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  const escaped = name.replace(/__|[.\-/]/g, (part) => ESCAPES[part]!);
  return IDENTIFIER.test(escaped) ? escaped : undefined;
}

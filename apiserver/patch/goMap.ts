/** A JSON value as Go's `%+v` prints it (`map[spec:map[replicas:abc]]`), which is how a refused strategic merge patch is shown. */
export function goMap(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goMap((value as Record<string, unknown>)[key])}`).join(' ')}]`;
}

/**
 * Keys that clients choose, in plain objects: labels, annotations, data, resource names, fields of custom resources. Every object of JavaScript
 * answers to `constructor`, `toString` and some more, which it inherits, and an assignment to `__proto__` makes no field. To Kubernetes they are
 * keys as any other; so what looks up or sets a key that it did not choose itself does it by these two.
 */

type Fields<T> = Readonly<Record<string, T>>;

/** The value of a field; undefined where the object has none of its own, or is none. Costs as much as `fields[key]` but for inherited names. */
export function ownField<T>(fields: Fields<T> | null | undefined, key: string): T | undefined {
  const value = fields?.[key];
  // What is inherited is a function, or stands at `__proto__`.
  if (typeof value !== 'function' && key !== '__proto__') return value;
  return fields && Object.hasOwn(fields, key) ? value : undefined;
}

/** Sets a field, in place. */
export function setField<T>(fields: Record<string, T>, key: string, value: NoInfer<T>): void {
  if (key === '__proto__') Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  else fields[key] = value;
}

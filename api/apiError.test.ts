import { invalidError } from './apiError.ts';
import { append, type FieldError, invalid } from './fieldError.ts';

test('faults that are the same are told once, with a cause each', () => {
  const fault = invalid('metadata.finalizers', '=', 'name part must be non-empty');
  const { message, details } = invalidError('', 'ConfigMap', 'a', [fault, fault]).status;
  expect(message).toBe('ConfigMap "a" is invalid: metadata.finalizers: Invalid value: "=": name part must be non-empty');
  expect(details?.causes).toHaveLength(2);
});

test('of hundreds of thousands of faults a thousand are told', () => {
  const faults: FieldError[] = [];
  append(faults, Array.from({ length: 300_000 }, (_, at) => invalid(`spec.tolerations[${at}].key`, '@', 'no name')));
  expect(faults).toHaveLength(300_000);
  const { message, details } = invalidError('', 'Pod', 'a', faults).status;
  expect(details?.causes).toHaveLength(1_000);
  expect(message).toMatch(/, spec\.tolerations\[999\]\.key: Invalid value: "@": no name, and more\]$/);
});

test('and fewer where each shows all of a list', () => {
  const faults = Array.from({ length: 1_000 }, (): FieldError => ({ type: 'FieldValueInvalid', field: 'metadata.ownerReferences', message: 'x'.repeat(400_000) }));
  expect(invalidError('', 'Pod', 'a', faults).status.details?.causes).toHaveLength(3);
});

import { validateDeclaredFeatures } from './declaredFeatures.ts';

const lines = (features: readonly string[]): string[] => validateDeclaredFeatures('f', features).map(({ field, message }) => `${field}: ${message}`);

test('features are named as features are, in order and once', () => {
  expect(lines(['Alpha', 'Alpha/Beta', 'Alpha/beta', 'Gamma'])).toEqual([]);
  expect(lines(['B', 'A', 'A'])).toEqual(['f[1]: Invalid value: "A": list must be sorted alphabetically', 'f[2]: Duplicate value: "A"']);
  const shape = "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
  expect(lines(['a-b'])).toEqual([`f[0]: Invalid value: "a-b": invalid feature name "a-b": ${shape}`]);
  expect(lines(['A'.repeat(254)])[0]).toMatch(/must be no more than 253 characters$/);
});

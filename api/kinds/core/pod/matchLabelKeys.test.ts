import { mergeMatchLabelKeys } from './matchLabelKeys.ts';

const specOf = (key: string) => ({
  containers: [],
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: [key] }],
});

test('a key that the pod has becomes a requirement on its value', () => {
  const spec = specOf('release');
  mergeMatchLabelKeys(spec, { release: 'two' });
  expect(spec.topologySpreadConstraints[0]!.labelSelector).toEqual({ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'release', operator: 'In', values: ['two'] }] });
});

test.each(['release', 'constructor'])('a key that the pod has not becomes none: %s', (key) => {
  const spec = specOf(key);
  mergeMatchLabelKeys(spec, {});
  expect(spec.topologySpreadConstraints[0]!.labelSelector).toEqual({ matchLabels: { app: 'web' } });
});

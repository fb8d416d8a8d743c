import type { Metrics } from '../../process/metrics.ts';
import type { FeatureGates } from './featureGates.ts';
import { KNOWN_FEATURES } from './knownFeatures.ts';

/** `kubernetes_feature_enabled`: every feature that there is, and whether it is on. */
export function publishFeatures(metrics: Metrics, gates: FeatureGates): void {
  const enabled = metrics.gauge('kubernetes_feature_enabled', '[BETA] This metric records the data about the stage and enablement of a k8s feature.', ['name', 'stage']);
  for (const [name, feature] of KNOWN_FEATURES) enabled.set({ name, stage: feature.stage === 'GA' ? '' : feature.stage }, gates.isOn(name, feature) ? 1 : 0);
}

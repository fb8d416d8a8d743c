import type { V1ConfigMap } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { TRACKING_CONFIG_MAP, TRACKING_SINCE_KEY } from '../../process/serviceAccountSecrets.ts';

/** Says since when uses of tokens in Secrets are noted down. `now` is wall-clock milliseconds. */
export function tokenTrackingConfigMap(now: number): Draft<V1ConfigMap> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: TRACKING_CONFIG_MAP, namespace: 'kube-system' }, data: { [TRACKING_SINCE_KEY]: new Date(now).toISOString().slice(0, 10) } };
}

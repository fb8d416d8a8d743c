import type { V1CSIDriver, V1Pod } from '../../api/generated/types.ts';

/**
 * A node gets tokens for those audiences only that a volume of the pod, or the driver of one, asks for (`ServiceAccountNodeAudienceRestriction`).
 * Returns why not.
 */
export function whyNotAudience({ spec }: V1Pod, audiences: readonly string[], driverOf: (name: string) => V1CSIDriver | undefined): string | undefined {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const audience = audiences[0] ?? '';
  const isWanted = (spec?.volumes ?? []).some(({ projected, csi }) => {
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience)) return true;
    return csi !== undefined && (driverOf(csi.driver)?.spec.tokenRequests ?? []).some((each) => each.audience === audience);
  });
  // A claim's volume may be of any driver.
  const hasClaim = (spec?.volumes ?? []).some(({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral);
  return isWanted || hasClaim ? undefined : `audience ${JSON.stringify(audience)} not found in pod spec volume`;
}

import type { V1DeviceRequest, V1DeviceRequestAllocationResult } from '../../generated/types.ts';
import { forbidden } from '../../fieldError.ts';
import type { NamespaceLabelNeed } from '../../resourceDefinition.ts';

const LABEL = 'resource.kubernetes.io/admin-access';

/** Requests for devices that others use, too, are only for namespaces that are labelled as administrators'. */
export function adminAccessAsked(requests: readonly V1DeviceRequest[] | null | undefined): NamespaceLabelNeed | undefined {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  return index < 0 ? undefined : need(`spec.devices.requests[${index}].adminAccess`);
}

/** So is what is allocated in answer to them; what was allocated before is left alone, as it cannot change. */
export function adminAccessGiven(results: readonly V1DeviceRequestAllocationResult[] = [], before: readonly V1DeviceRequestAllocationResult[] = []): NamespaceLabelNeed | undefined {
  const index = results.findIndex(({ adminAccess }) => adminAccess === true);
  return index < 0 || before.some(({ adminAccess }) => adminAccess === true) ? undefined : need(`status.allocation.devices.results[${index}].adminAccess`);
}

function need(field: string): NamespaceLabelNeed {
  return { label: LABEL, value: 'true', otherwise: forbidden(field, `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`) };
}

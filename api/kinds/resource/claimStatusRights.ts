import type { ResourceV1ResourceClaim, V1AllocatedDeviceStatus, V1AllocationResult, V1ResourceClaimStatus } from '../../generated/types.ts';
import { forbidden } from '../../fieldError.ts';
import type { ExtraRight, IncomingObject } from '../../resourceDefinition.ts';
import { semanticEqual } from '../../values/deepEqual.ts';

interface DeviceName {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

/** What tells allocated devices apart, also those that several claims share. */
export const deviceKey = ({ driver, pool, device, shareID }: DeviceName): string => [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join('/');

/** What drivers said of devices that are given back goes with them, in place: who gives them back need not know of it (`dropDeallocatedStatusDevices`). */
export function dropGivenBack({ status }: IncomingObject<ResourceV1ResourceClaim>, previous: ResourceV1ResourceClaim): void {
  if (!status?.devices) return;
  status.devices = kept(status.devices, status.allocation, previous.status?.allocation);
  if (status.devices.length === 0) delete status.devices;
}

/**
 * Who allocates needs the right to `resourceclaims/binding`, who speaks for the devices of a driver that to `resourceclaims/driver` of its name
 * (DRAResourceClaimGranularStatusAuthorization). What goes with devices that are given back is not the drivers' doing.
 */
export function claimStatusRights({ status = {} }: IncomingObject<ResourceV1ResourceClaim>, previous: ResourceV1ResourceClaim): readonly ExtraRight[] {
  const before = previous.status ?? {};
  const isBound = !semanticEqual(status.allocation, before.allocation) || !semanticEqual(status.reservedFor ?? [], before.reservedFor ?? []);
  const node = allocatedNode(status.allocation);
  return [
    ...(isBound ? [BINDING] : []),
    ...changedDrivers(status, before).map((name): ExtraRight => ({
      subresource: 'driver',
      name,
      byNode: node ?? '',
      otherwise: (verbs, refusal) => forbidden('status.devices', `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${refusal}`),
    })),
  ];
}

const BINDING: ExtraRight = {
  subresource: 'binding',
  otherwise: (verbs, refusal) => forbidden('status', `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verbs.join(' ')}" permission: ${refusal}`),
};

function kept(devices: readonly V1AllocatedDeviceStatus[], now: V1AllocationResult | undefined, before: V1AllocationResult | undefined): V1AllocatedDeviceStatus[] {
  const held = new Set((now?.devices?.results ?? []).map(deviceKey));
  const givenBack = new Set((before?.devices?.results ?? []).map(deviceKey).filter((key) => !held.has(key)));
  return devices.filter((device) => !givenBack.has(deviceKey(device)));
}

/** The drivers of which something was added, taken away or changed, in their order. */
function changedDrivers(status: V1ResourceClaimStatus, before: V1ResourceClaimStatus): string[] {
  const left = new Map(kept(before.devices ?? [], status.allocation, before.allocation).map((device) => [deviceKey(device), device]));
  const drivers = new Set<string>();
  for (const device of status.devices ?? []) {
    const key = deviceKey(device);
    if (!semanticEqual(left.get(key), device)) drivers.add(device.driver);
    left.delete(key);
  }
  for (const { driver } of left.values()) drivers.add(driver);
  return [...drivers].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The only node on which an allocation may be used; undefined where there are several. */
function allocatedNode(allocation: V1AllocationResult | undefined): string | undefined {
  const [term, ...others] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  if (!term || others.length > 0 || term.matchExpressions?.length) return undefined;
  const [field, ...rest] = term.matchFields ?? [];
  if (!field || rest.length > 0 || field.key !== 'metadata.name' || field.operator !== 'In' || field.values?.length !== 1) return undefined;
  return field.values[0];
}

import type { V1Pod } from '../../api/generated/types.ts';
import { isSidecar, specOf } from '../podContainers.ts';

/** A port of the node that a pod takes for itself. */
export interface HostPortClaim {
  /** `0.0.0.0` for all addresses. */
  readonly hostIP: string;
  readonly hostPort: number;
  readonly protocol: string;
  readonly containerPort: number;
}

const ANY = new Set(['', '0.0.0.0', '::']);

/** The host ports of a pod's containers and sidecars; on the host's network every port is one. */
export function hostPortsOf(pod: V1Pod): readonly HostPortClaim[] {
  const spec = specOf(pod);
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  return containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostIP = '', hostPort = 0, protocol = 'TCP', containerPort }) => {
      const port = hostPort || (spec.hostNetwork ? containerPort : 0);
      return port === 0 ? [] : [{ hostIP: ANY.has(hostIP) ? '0.0.0.0' : hostIP, hostPort: port, protocol, containerPort }];
    }),
  );
}

/** Whether two claims cannot both be met. */
export function conflicts(a: HostPortClaim, b: HostPortClaim): boolean {
  if (a.hostPort !== b.hostPort || a.protocol !== b.protocol) return false;
  return a.hostIP === b.hostIP || a.hostIP === '0.0.0.0' || b.hostIP === '0.0.0.0';
}

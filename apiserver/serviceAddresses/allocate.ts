import { internalError, invalidError } from '../../api/apiError.ts';
import { invalid } from '../../api/fieldError.ts';
import type { V1ServicePort, V1ServiceSpec } from '../../api/generated/types.ts';
import { holdingsOf, needsHealthCheckPort, type Holdings } from './claims.ts';
import { dynamicOffset, formatIPv4, parseIPv4, pickFree, rangeIncludes, type AddressRange } from './ipv4Range.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Kubernetes' `--service-node-port-range`. */
export const DEFAULT_NODE_PORTS: PortRange = { first: 30_000, last: 32_767 };

/** What is taken, and where there is something to take. */
export interface Supply {
  readonly ranges: readonly AddressRange[];
  readonly nodePorts: PortRange;
  /** Taken by another Service (or by whoever made the IPAddress). */
  readonly isAddressTaken: (address: string) => boolean;
  readonly isPortTaken: (port: number) => boolean;
  /** In [0, 1). */
  readonly random: () => number;
}

const ALLOCATED_ADDRESS = 'provided IP is already allocated';
const ALLOCATED_PORT = 'provided port is already allocated';

/**
 * Gives a Service the cluster IP and the node ports that it has to have and has not named, in place, and returns everything that it
 * then holds. `before` is what it held until now and so may go on to hold. Throws a 422 where it names what is somebody else's or out of
 * range, and a 500 where nothing is left.
 */
export function allocate(name: string, spec: V1ServiceSpec, before: Holdings, supply: Supply): Holdings {
  allocateAddress(name, spec, before, supply);
  allocatePorts(name, spec, before, supply);
  return holdingsOf(spec);
}

function allocateAddress(name: string, spec: V1ServiceSpec, before: Holdings, supply: Supply): void {
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return;
  if (!spec.clusterIP) {
    const address = freeAddress(supply);
    if (address === undefined) throw internalError('failed to allocate a serviceIP: range is full');
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return;
  }
  for (const address of spec.clusterIPs ?? []) {
    const number = parseIPv4(address);
    // What is no address is refused by validation, which comes next.
    if (number === undefined || before.addresses.includes(address)) continue;
    if (!supply.ranges.some((range) => rangeIncludes(range, number))) throw refuseAddress(name, spec, address, 'the provided network does not match the current range');
    if (supply.isAddressTaken(address)) throw refuseAddress(name, spec, address, ALLOCATED_ADDRESS);
  }
}

function refuseAddress(name: string, spec: V1ServiceSpec, address: string, why: string): Error {
  return invalidError('', 'Service', name, [invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${address}: ${why}`)]);
}

function freeAddress({ ranges, isAddressTaken, random }: Supply): string | undefined {
  for (const { first, size } of ranges) {
    const index = pickFree(size, dynamicOffset(size, 16, 256), random(), (each) => isAddressTaken(formatIPv4(first + each)));
    if (index !== undefined) return formatIPv4(first + index);
  }
  return undefined;
}

function allocatePorts(name: string, spec: V1ServiceSpec, before: Holdings, supply: Supply): void {
  // Ports of the Service itself count as taken for what is chosen for it, and as free for what it names.
  const own = new Set(before.ports);
  const chosen = new Set<number>();
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort) continue;
      checkPort(name, port.nodePort, own, supply, `spec.ports[${index}].nodePort`);
      chosen.add(port.nodePort);
    }
    if (spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false) choosePorts(spec.ports ?? [], own, chosen, supply);
  }
  if (needsHealthCheckPort(spec)) allocateHealthCheckPort(spec, own, chosen, supply);
}

function checkPort(name: string, port: number, own: ReadonlySet<number>, supply: Supply, field: string): void {
  if (own.has(port)) return;
  const why = portFault(port, supply);
  if (why !== undefined) throw invalidError('', 'Service', name, [invalid(field, port, why)]);
}

function portFault(port: number, { nodePorts: { first, last }, isPortTaken }: Supply): string | undefined {
  if (port < first || port > last) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  return isPortTaken(port) ? ALLOCATED_PORT : undefined;
}

/** One number serves all protocols of a port: DNS by UDP and TCP. */
function choosePorts(ports: readonly V1ServicePort[], own: ReadonlySet<number>, chosen: Set<number>, supply: Supply): void {
  const byPort = new Map<number, V1ServicePort[]>();
  for (const port of ports) byPort.set(port.port, [...(byPort.get(port.port) ?? []), port]);
  for (const port of ports) {
    if (port.nodePort) continue;
    const siblings = byPort.get(port.port) ?? [];
    const shared = siblings.find((each) => each.nodePort && each.protocol !== port.protocol);
    const isUsed = shared !== undefined && siblings.some((each) => each.nodePort === shared.nodePort && each.protocol === port.protocol);
    port.nodePort = shared?.nodePort && !isUsed ? shared.nodePort : freePort(own, chosen, supply);
    chosen.add(port.nodePort);
  }
}

function freePort(own: ReadonlySet<number>, chosen: ReadonlySet<number>, { nodePorts: { first, last }, isPortTaken, random }: Supply): number {
  const size = last - first + 1;
  const isTaken = (index: number): boolean => own.has(first + index) || chosen.has(first + index) || isPortTaken(first + index);
  const index = pickFree(size, dynamicOffset(size, 32, 128), random(), isTaken);
  if (index === undefined) throw internalError('failed to allocate a nodePort: range is full');
  return first + index;
}

function allocateHealthCheckPort(spec: V1ServiceSpec, own: ReadonlySet<number>, chosen: ReadonlySet<number>, supply: Supply): void {
  const wanted = spec.healthCheckNodePort;
  if (!wanted) {
    spec.healthCheckNodePort = freePort(own, chosen, supply);
    return;
  }
  const why = own.has(wanted) ? undefined : chosen.has(wanted) ? ALLOCATED_PORT : portFault(wanted, supply);
  if (why !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`);
}

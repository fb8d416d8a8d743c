import { failure, internalError, invalidError } from '../../api/apiError.ts';
import { invalid } from '../../api/fieldError.ts';
import type { V1ServiceSpec } from '../../api/generated/types.ts';
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
 * then holds. `before` is the spec until now, absent for a new Service; what it held it may go on to hold. Throws a 422 where it names what is
 * somebody else's or out of range, and a 500 where nothing is left.
 */
export function allocate(name: string, spec: V1ServiceSpec, before: V1ServiceSpec | undefined, supply: Supply): Holdings {
  allocateAddress(name, spec, before, supply);
  const held = new Set(holdingsOf(before).ports);
  const ports = new PortChoice(name, held, supply);
  if (usesPorts(spec)) {
    if (before) updatePorts(spec, ports);
    else createPorts(spec, ports);
  }
  if (needsHealthCheckPort(spec) && !(before && needsHealthCheckPort(before))) allocateHealthCheckPort(spec, ports);
  return holdingsOf(spec);
}

function allocateAddress(name: string, spec: V1ServiceSpec, before: V1ServiceSpec | undefined, supply: Supply): void {
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return;
  if (!spec.clusterIP) {
    const address = freeAddress(supply);
    if (address === undefined) throw internalError('failed to allocate a serviceIP: range is full');
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return;
  }
  // Of a Service that has an address, or is headless, validation refuses another one.
  if (before && before.type !== 'ExternalName') return;
  for (const address of spec.clusterIPs ?? []) {
    const number = parseIPv4(address);
    // What is no address is refused by validation, which comes next.
    if (number === undefined) continue;
    const why = addressFault(address, number, supply);
    if (why !== undefined) throw invalidError('', 'Service', name, [invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${address}: ${why}`)]);
  }
}

function addressFault(address: string, number: number, { ranges, isAddressTaken }: Supply): string | undefined {
  if (ranges.some((range) => rangeIncludes(range, number))) return isAddressTaken(address) ? ALLOCATED_ADDRESS : undefined;
  // The first and the last address of a range are nobody's.
  const around = ranges.find(({ first, size }) => number === first - 1 || number === first + size);
  return around ? `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${around.cidr}` : 'the provided network does not match the current range';
}

function freeAddress({ ranges, isAddressTaken, random }: Supply): string | undefined {
  for (const { first, size } of ranges) {
    const index = pickFree(size, dynamicOffset(size, 16, 256), random(), (each) => isAddressTaken(formatIPv4(first + each)));
    if (index !== undefined) return formatIPv4(first + index);
  }
  return undefined;
}

const usesPorts = ({ type }: V1ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
const choosesPorts = ({ type, allocateLoadBalancerNodePorts }: V1ServiceSpec): boolean => type === 'NodePort' || allocateLoadBalancerNodePorts !== false;

/** The ports that one write takes: none twice, and none that the Service has already (`PortAllocationOperation`). */
class PortChoice {
  readonly #name: string;
  readonly #held: ReadonlySet<number>;
  readonly #supply: Supply;
  readonly #taken = new Set<number>();

  constructor(name: string, held: ReadonlySet<number>, supply: Supply) {
    this.#name = name;
    this.#held = held;
    this.#supply = supply;
  }

  isHeld(port: number): boolean {
    return this.#held.has(port);
  }

  /** Why a port can't be had, if it can't. */
  take(port: number): string | undefined {
    const { nodePorts: { first, last }, isPortTaken } = this.#supply;
    if (port < first || port > last) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    if (this.#held.has(port) || this.#taken.has(port) || isPortTaken(port)) return ALLOCATED_PORT;
    this.#taken.add(port);
    return undefined;
  }

  /** Throws a 422 with the field's path. */
  takeFor(field: string, port: number): void {
    const why = this.take(port);
    if (why !== undefined) throw invalidError('', 'Service', this.#name, [invalid(field, port, why)]);
  }

  any(): number | undefined {
    const { nodePorts: { first, last }, isPortTaken, random } = this.#supply;
    const size = last - first + 1;
    const isTaken = (port: number): boolean => this.#held.has(port) || this.#taken.has(port) || isPortTaken(port);
    const index = pickFree(size, dynamicOffset(size, 32, 128), random(), (each) => isTaken(first + each));
    if (index === undefined) return undefined;
    this.#taken.add(first + index);
    return first + index;
  }

  next(): number {
    const port = this.any();
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
    return port;
  }
}

/** One number serves all protocols of a port (DNS by UDP and TCP): the first that is named for it, wherever in the list (`initNodePorts`). */
function createPorts(spec: V1ServiceSpec, choice: PortChoice): void {
  const ports = spec.ports ?? [];
  const chosen = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !choosesPorts(spec)) continue;
    const field = `spec.ports[${index}].nodePort`;
    const same = chosen.get(port.port);
    if (same === undefined) {
      const wanted = ports.find((each) => each.port === port.port && each.nodePort)?.nodePort;
      if (wanted) choice.takeFor(field, wanted);
      port.nodePort = wanted ?? choice.next();
      chosen.set(port.port, port.nodePort);
    } else if (!port.nodePort) {
      port.nodePort = same;
    } else if (port.nodePort !== same) {
      choice.takeFor(field, port.nodePort);
    }
  }
}

/** A port that comes later gets a number of its own (`updateNodePorts`). Throws a 500 where a number is named twice for a protocol. */
function updatePorts(spec: V1ServiceSpec, choice: PortChoice): void {
  const taken = new Set<number>();
  const seen = new Set<string>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !choosesPorts(spec)) continue;
    if (!port.nodePort) {
      port.nodePort = choice.next();
    } else if (!choice.isHeld(port.nodePort) && !taken.has(port.nodePort)) {
      choice.takeFor(`spec.ports[${index}].nodePort`, port.nodePort);
      taken.add(port.nodePort);
    }
    const both = `${port.protocol} ${port.nodePort}`;
    if (seen.has(both)) throw failure(500, '', `duplicate nodePort: {${both}}`);
    seen.add(both);
  }
}

function allocateHealthCheckPort(spec: V1ServiceSpec, choice: PortChoice): void {
  const wanted = spec.healthCheckNodePort;
  if (wanted) {
    const why = choice.take(wanted);
    if (why !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`);
    return;
  }
  const port = choice.any();
  if (port === undefined) throw internalError('failed to allocate a HealthCheck NodePort 0: range is full');
  spec.healthCheckNodePort = port;
}

import { invalidError } from '../../api/apiError.ts';
import type { V1Service, V1ServiceCIDR, V1ServiceSpec } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import type { Clock } from '../../process/clock.ts';
import type { ValueObject } from '../storage/encodedObject.ts';
import { resourcePrefix, type Check, type Operation, type WatchCache } from '../storage/types.ts';
import type { PlannedWrite, WriteCompanion } from '../types.ts';
import { allocate, type PortRange, type Supply } from './allocate.ts';
import { addressKey, addressObject, addressOwner, holdingsOf, isSameService, nameOf, NO_HOLDINGS, portKey, type Holdings, type PortClaim, type ServiceName } from './claims.ts';
import { settleFamilies } from './ipFamilies.ts';
import { parseRange, type AddressRange } from './ipv4Range.ts';
import { serviceRanges } from './serviceRanges.ts';

const SERVICE_CIDRS = resourcePrefix({ group: 'networking.k8s.io', resource: 'servicecidrs' });

export interface ServiceAddressConfig {
  /** Kubernetes' `--service-cluster-ip-range`, e.g. `10.96.0.0/12`: the default ServiceCIDR's; others add to it. */
  readonly range: string;
  readonly nodePorts: PortRange;
}

export interface ServiceAddressTools {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly uid: () => string;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What a client named by itself, to begin from again when another was faster. */
interface Asked {
  readonly clusterIP: string | undefined;
  readonly clusterIPs: string[] | undefined;
  readonly nodePorts: readonly (number | undefined)[];
  readonly healthCheckNodePort: number | undefined;
}

/**
 * Claims a Service's addresses and node ports in the Service's own transaction.
 * 1. A claim is written only where its key does not exist, so that no two Services, and no two API servers, get the same.
 * 2. A claim is released in the transaction that takes it from the Service's spec.
 * 3. A conflict over what was chosen here is answered by choosing again; over what the client named, by a refusal that rests on a live read.
 */
export class ServiceAddresses implements WriteCompanion {
  readonly group = '';
  readonly resource = 'services';
  readonly #config: ServiceAddressConfig;
  readonly #tools: ServiceAddressTools;
  readonly #primary: AddressRange;
  /** By the object of a write, which is the same for all attempts of a create. */
  readonly #asked = new WeakMap<object, Asked>();

  constructor(config: ServiceAddressConfig, tools: ServiceAddressTools) {
    this.#config = config;
    this.#tools = tools;
    this.#primary = parseRange(config.range);
  }

  async prepare({ operation, object, previous }: PlannedWrite): Promise<{ readonly checks: readonly Check[]; readonly operations: readonly Operation[] }> {
    const before = previous as V1Service | undefined;
    const held = holdingsOf(before?.spec);
    if (operation === 'DELETE' || !object) return { checks: [], operations: before ? this.#release(nameOf(before), held, NO_HOLDINGS) : [] };
    const service = object as IncomingObject<V1Service>;
    const { name = '', namespace = '', uid = '' } = service.metadata;
    if (!service.spec) return { checks: [], operations: [] };
    this.#restore(service, service.spec);
    const faults = settleFamilies(service.spec, before?.spec);
    if (faults.length > 0) throw invalidError('', 'Service', name, faults);
    const owner = { namespace, name };
    if (!isSettled(service.spec, held)) await this.#tools.cache.consistent();
    const next = allocate(name, service.spec, before?.spec, this.#supply(owner));
    const claims = this.#claim(owner, uid, next);
    return { checks: claims.checks, operations: [...claims.operations, ...this.#release(owner, held, next)] };
  }

  /** Takes back what an earlier attempt filled in. */
  #restore(service: object, spec: V1ServiceSpec): void {
    const asked = this.#asked.get(service);
    if (!asked) {
      const { clusterIP, clusterIPs, healthCheckNodePort } = spec;
      this.#asked.set(service, { clusterIP, clusterIPs: clusterIPs && [...clusterIPs], nodePorts: (spec.ports ?? []).map(({ nodePort }) => nodePort), healthCheckNodePort });
      return;
    }
    setOrDelete(spec, 'clusterIP', asked.clusterIP);
    setOrDelete(spec, 'clusterIPs', asked.clusterIPs && [...asked.clusterIPs]);
    setOrDelete(spec, 'healthCheckNodePort', asked.healthCheckNodePort);
    for (const [index, port] of (spec.ports ?? []).entries()) setOrDelete(port, 'nodePort', asked.nodePorts[index]);
  }

  #supply(owner: ServiceName): Supply {
    const { random } = this.#tools;
    return {
      ranges: serviceRanges(this.#primary, this.#tools.cache.list(SERVICE_CIDRS).map(({ object }) => object as V1ServiceCIDR)),
      nodePorts: this.#config.nodePorts,
      isAddressTaken: (address) => this.#addressState(address, owner) === 'taken',
      isPortTaken: (port) => this.#portState(port, owner) === 'taken',
      random,
    };
  }

  #addressState(address: string, owner: ServiceName): 'free' | 'own' | 'taken' {
    const stored = this.#tools.cache.get(addressKey(address));
    if (!stored) return 'free';
    return isSameService(addressOwner(stored.object), owner) ? 'own' : 'taken';
  }

  #portState(port: number, owner: ServiceName): 'free' | 'own' | 'taken' {
    const stored = this.#tools.cache.get(portKey(port));
    if (!stored) return 'free';
    return isSameService((stored.object as ValueObject).value as PortClaim, owner) ? 'own' : 'taken';
  }

  /** Claims of what is not claimed yet: also of what an imported Service holds without a claim. */
  #claim(owner: ServiceName, uid: string, next: Holdings): { checks: Check[]; operations: Operation[] } {
    const addresses = next.addresses.filter((each) => this.#addressState(each, owner) === 'free');
    const ports = next.ports.filter((each) => this.#portState(each, owner) === 'free');
    const { clock, uid: newUid } = this.#tools;
    return {
      checks: [...addresses.map(addressKey), ...ports.map(portKey)].map((key) => ({ key, revision: 0 })),
      operations: [
        ...addresses.map((each): Operation => ({ kind: 'put', key: addressKey(each), object: addressObject(each, owner, newUid(), clock.now()) })),
        ...ports.map((each): Operation => ({ kind: 'putValue', key: portKey(each), value: { ...owner, uid } satisfies PortClaim })),
      ],
    };
  }

  #release(owner: ServiceName, held: Holdings, next: Holdings): Operation[] {
    // What memory knows to be another's stays; what it does not know yet was claimed with the Service that is changed here.
    const addresses = held.addresses.filter((each) => !next.addresses.includes(each) && this.#addressState(each, owner) !== 'taken');
    const ports = held.ports.filter((each) => !next.ports.includes(each) && this.#portState(each, owner) !== 'taken');
    return [...addresses.map(addressKey), ...ports.map(portKey)].map((key) => ({ kind: 'delete', key }));
  }
}

/** Whether a Service asks for nothing that it does not hold already: then memory need not be fresh. */
function isSettled(spec: V1ServiceSpec, held: Holdings): boolean {
  const { addresses, ports } = holdingsOf(spec);
  const needsAddress = spec.type !== 'ExternalName' && !spec.clusterIP;
  const needsPort = spec.type !== 'ClusterIP' && spec.type !== 'ExternalName' && (spec.ports ?? []).some(({ nodePort }) => !nodePort);
  return !needsAddress && !needsPort && addresses.every((each) => held.addresses.includes(each)) && ports.every((each) => held.ports.includes(each));
}

function setOrDelete<T, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value === undefined) delete target[key];
  else target[key] = value;
}

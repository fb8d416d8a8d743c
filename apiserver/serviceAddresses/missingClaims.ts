import type { V1Service } from '../../api/generated/types.ts';
import { IP_ALLOCATOR, LABEL_IP_ADDRESS_FAMILY, LABEL_IP_ADDRESS_MANAGED_BY } from '../../api/wellKnown.ts';
import type { StoredObject } from '../storage/types.ts';
import { addressOwner, holdingsOf, isSameService, nameOf, type ServiceName } from './claims.ts';

/** An address that a Service has and that no IPAddress says so of. */
export interface MissingClaim {
  readonly address: string;
  readonly service: StoredObject;
}

/** IPAddresses that bear a Service's address and are not the Service's: nobody else's either, or without the labels of such; they are made anew. */
export interface WrongClaim {
  readonly claim: StoredObject;
}

export interface ClaimFaults {
  readonly missing: readonly MissingClaim[];
  readonly wrong: readonly WrongClaim[];
  /** Addresses that two Services have; which of them is to be made anew is its owner's to say. */
  readonly doubled: readonly MissingClaim[];
}

/** What is wrong with the claims of these Services' addresses. `claim` finds an IPAddress by its address, `service` a Service; all of the same moment. */
export function claimFaults(services: readonly StoredObject[], claim: (address: string) => StoredObject | undefined, service: (name: ServiceName) => StoredObject | undefined): ClaimFaults {
  const missing: MissingClaim[] = [];
  const wrong: WrongClaim[] = [];
  const doubled: MissingClaim[] = [];
  for (const each of services) {
    const { spec, metadata } = each.object as V1Service;
    for (const address of holdingsOf(spec).addresses) {
      const present = claim(address);
      if (!present) missing.push({ address, service: each });
      else if (isSameService(addressOwner(present.object), nameOf({ metadata }))) {
        if (!isLabelled(present)) wrong.push({ claim: present });
      } else if (isHeld(present, address, service)) doubled.push({ address, service: each });
      else wrong.push({ claim: present });
    }
  }
  return { missing, wrong, doubled };
}

function isHeld({ object }: StoredObject, address: string, service: (name: ServiceName) => StoredObject | undefined): boolean {
  const owner = addressOwner(object);
  const holder = owner && service(owner);
  return holder !== undefined && holdingsOf((holder.object as V1Service).spec).addresses.includes(address);
}

const isLabelled = ({ object: { metadata } }: StoredObject): boolean => metadata.labels?.[LABEL_IP_ADDRESS_MANAGED_BY] === IP_ALLOCATOR && metadata.labels[LABEL_IP_ADDRESS_FAMILY] === 'IPv4';

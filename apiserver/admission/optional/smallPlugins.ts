import type { V1Service } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { refusal } from '../refusal.ts';

/** Lets everything in, which is what happens without it. */
export class AlwaysAdmit implements AdmissionPlugin {
  readonly name = 'AlwaysAdmit';
}

/** For tests of clients. */
export class AlwaysDeny implements AdmissionPlugin {
  readonly name = 'AlwaysDeny';

  async validate(attributes: AdmissionAttributes): Promise<void> {
    throw refusal(attributes, 'admission control is denying all modifications');
  }
}

/** No Service takes addresses that it was not given (CVE-2020-8554); those that it has it may keep. */
export class DenyServiceExternalIPs implements AdmissionPlugin {
  readonly name = 'DenyServiceExternalIPs';

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, object, previous } = attributes;
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || definition.group !== '' || definition.plural !== 'services' || subresource !== '') return;
    const before = (previous as V1Service | undefined)?.spec?.externalIPs ?? [];
    const isNew = ((object as IncomingObject<V1Service>).spec?.externalIPs ?? []).some((address) => !before.includes(address));
    if (isNew) throw refusal(attributes, 'Use of external IPs is denied by admission control.');
  }
}

import { FINALIZER_PV_PROTECTION } from '../../api/wellKnown.ts';
import { objectKey } from '../../client/objectKey.ts';
import { PersistentVolumes } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { protectionStep, withStep } from './protection.ts';

/** Keeps a volume that is to go for as long as it is bound to a claim. Key: the volume's. */
export const volumeProtectionController: Controller = {
  name: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',
  workers: 1,
  setup({ client, informers }, queue) {
    const volumes = informers.informer(PersistentVolumes);
    volumes.addHandler({ added: (volume) => queue.add(objectKey(volume)), updated: (_, volume) => queue.add(objectKey(volume)) });

    return async (key) => {
      const volume = volumes.get(key);
      if (volume === undefined) return undefined;
      const step = protectionStep(volume, FINALIZER_PV_PROTECTION, () => volume.status?.phase === 'Bound');
      if (step === 'none') return undefined;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(PersistentVolumes, withStep(volume, FINALIZER_PV_PROTECTION, step)));
      if (written) await seen(volumes, [written]);
      return undefined;
    };
  },
};

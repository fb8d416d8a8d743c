import type { V1PersistentVolume, V1PersistentVolumeClaim } from '../../api/generated/types.ts';
import { FINALIZER_VAC_PROTECTION } from '../../api/wellKnown.ts';
import { objectKey } from '../../client/objectKey.ts';
import { PersistentVolumeClaims, PersistentVolumes, VolumeAttributesClasses } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { attributesClassesUsed, protectionStep, withStep } from './protection.ts';

const CLASS_INDEX = 'attributesClass';

/** Keeps a class of attributes that is to go for as long as a claim or a volume names it. Key: the class's. */
export const attributesClassProtectionController: Controller = {
  name: 'volumeattributesclass-protection-controller',
  serviceAccount: 'volumeattributesclass-protection-controller',
  workers: 1,
  setup({ client, informers }, queue) {
    const classes = informers.informer(VolumeAttributesClasses);
    const claims = informers.informer(PersistentVolumeClaims);
    const volumes = informers.informer(PersistentVolumes);
    classes.addHandler({ added: (each) => queue.add(objectKey(each)), updated: (_, each) => queue.add(objectKey(each)) });
    const release = (user: V1PersistentVolumeClaim | V1PersistentVolume): void => {
      for (const name of attributesClassesUsed(user)) queue.add(name);
    };
    for (const users of [claims, volumes] as const) {
      users.addIndex(CLASS_INDEX, attributesClassesUsed);
      users.addHandler({ deleted: release, updated: release });
    }

    return async (key) => {
      const found = classes.get(key);
      if (found === undefined) return undefined;
      const step = protectionStep(found, FINALIZER_VAC_PROTECTION, () => claims.byIndex(CLASS_INDEX, key).length + volumes.byIndex(CLASS_INDEX, key).length > 0);
      if (step === 'none') return undefined;
      if (step === 'remove') {
        // The informers may not have the latest user yet: ask before the class goes for good.
        const users = [...(await client.list(PersistentVolumes)).items, ...(await client.list(PersistentVolumeClaims)).items];
        if (users.some((user) => attributesClassesUsed(user).includes(key))) return undefined;
      }
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(VolumeAttributesClasses, withStep(found, FINALIZER_VAC_PROTECTION, step)));
      if (written) await seen(classes, [written]);
      return undefined;
    };
  },
};

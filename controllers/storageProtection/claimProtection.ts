import type { V1Pod } from '../../api/generated/types.ts';
import { FINALIZER_PVC_PROTECTION } from '../../api/wellKnown.ts';
import { objectKey } from '../../client/objectKey.ts';
import { PersistentVolumeClaims, Pods } from '../../client/resources.ts';
import { type Controller, seen, splitKey } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { claimsOf, protectionStep, usesClaim, withStep } from './protection.ts';

const CLAIM_INDEX = 'claim';

/** Keeps a claim that is to go for as long as a pod uses it. Key: the claim's. */
export const claimProtectionController: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',
  workers: 1,
  setup({ client, informers }, queue) {
    const claims = informers.informer(PersistentVolumeClaims);
    const pods = informers.informer(Pods);
    pods.addIndex(CLAIM_INDEX, (pod) => claimsOf(pod).map((name) => `${pod.metadata.namespace}/${name}`));
    claims.addHandler({ added: (claim) => queue.add(objectKey(claim)), updated: (_, claim) => queue.add(objectKey(claim)) });
    const release = (pod: V1Pod): void => {
      for (const name of claimsOf(pod)) queue.add(`${pod.metadata.namespace}/${name}`);
    };
    // A pod that is shut down no longer uses what was made for it.
    pods.addHandler({ deleted: release, updated: (previous, current) => (claimsOf(current).length < claimsOf(previous).length ? release(previous) : undefined) });

    return async (key) => {
      const claim = claims.get(key);
      if (claim === undefined) return undefined;
      const step = protectionStep(claim, FINALIZER_PVC_PROTECTION, () => pods.byIndex(CLAIM_INDEX, key).some((pod) => usesClaim(pod, claim)));
      if (step === 'none') return undefined;
      if (step === 'remove') {
        // The informer may not have the latest pod yet: ask before the claim goes for good.
        const { items } = await client.list(Pods, { namespace: splitKey(key).namespace });
        if (items.some((pod) => usesClaim(pod, claim))) return undefined;
      }
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(PersistentVolumeClaims, withStep(claim, FINALIZER_PVC_PROTECTION, step)));
      if (written) await seen(claims, [written]);
      return undefined;
    };
  },
};

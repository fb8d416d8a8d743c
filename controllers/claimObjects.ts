import type { KubeObject } from '../api/meta.ts';
import type { Informer, KubeClient } from '../client/types.ts';
import { seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { adoptionPatch, claim, CONTROLLER_UID_INDEX, orphansOf, releasePatch } from './ownership.ts';

/**
 * Takes in the owner's namespace what matches and belongs to nobody, lets go what no longer matches, and gives what the owner now
 * controls. The informer must have the `CONTROLLER_UID_INDEX`.
 */
export async function claimObjects<T extends KubeObject>(client: KubeClient, informer: Informer<T>, owner: KubeObject, matches: (object: T) => boolean): Promise<readonly T[]> {
  const namespace = owner.metadata.namespace ?? '';
  const candidates = [...informer.byIndex(CONTROLLER_UID_INDEX, owner.metadata.uid), ...informer.byIndex(CONTROLLER_UID_INDEX, orphansOf(namespace))];
  const { owned, adopt, release } = claim(owner, candidates, matches);
  if (adopt.length + release.length === 0) return owned;
  // Gone, changed or taken by somebody else meanwhile: the next event tells.
  const patch = (object: T, body: unknown): Promise<T | undefined> =>
    ignoreReasons(['NotFound', 'Invalid', 'Conflict'], () => client.patch(informer.resource, object.metadata.name, namespace, 'application/merge-patch+json', body));
  const adopted = (await Promise.all(adopt.map((object) => patch(object, adoptionPatch(owner, object))))).filter((object) => object !== undefined);
  const released = (await Promise.all(release.map((object) => patch(object, releasePatch(owner, object))))).filter((object) => object !== undefined);
  await seen(informer, [...adopted, ...released]);
  return [...owned, ...adopted];
}

import type { V1AppArmorProfile, V1PodSpec } from '../../../generated/types.ts';
import { semanticEqual } from '../../../values/deepEqual.ts';
import { APP_ARMOR_MESSAGE } from './podWarnings.ts';
import { validateAppArmor } from './securityProfiles.ts';
import { containersWithPaths } from './validateOs.ts';
import { APP_ARMOR_PREFIX } from './validatePodAnnotations.ts';

/** Writes the profiles that an older client gave by annotations into a new pod's fields, in place, and tells of each annotation that had no field yet (`applyAppArmorVersionSkew`). */
export function syncAppArmor(spec: V1PodSpec, annotations: Readonly<Record<string, string>>, warn: (text: string) => void): void {
  if (spec.os?.name === 'windows') return;
  for (const [, container] of containersWithPaths('spec', spec)) {
    const key = `${APP_ARMOR_PREFIX}${container.name}`;
    if (!Object.hasOwn(annotations, key) || container.securityContext?.appArmorProfile) continue;
    const profile = profileOf(annotations[key] ?? '');
    if (profile && semanticEqual(profile, spec.securityContext?.appArmorProfile)) continue;
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    warn(`metadata.annotations[${key}]: ${APP_ARMOR_MESSAGE}`);
  }
}

/** Undefined where the annotation says nothing that a field may hold. */
function profileOf(annotation: string): V1AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const localhostProfile = /^localhost\/(.+)$/s.exec(annotation)?.[1];
  if (localhostProfile === undefined) return undefined;
  const profile = { type: 'Localhost', localhostProfile };
  return validateAppArmor('', profile).length === 0 ? profile : undefined;
}

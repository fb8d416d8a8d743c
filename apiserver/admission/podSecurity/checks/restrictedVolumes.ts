import type { V1Volume } from '../../../../api/generated/types.ts';
import { type Check, distinct, plural, quoted } from './check.ts';

const ALLOWED = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'] as const;
const KNOWN = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'gitRepo', 'nfs', 'iscsi', 'glusterfs', 'rbd', 'flexVolume', 'cinder', 'cephfs', 'flocker', 'fc', 'azureFile', 'vsphereVolume', 'quobyte', 'azureDisk', 'photonPersistentDisk',
  'portworxVolume', 'scaleIO', 'storageos',
] as const;

/** Volumes come from the API's own objects or by claims, not from wherever a pod says. */
export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [
    {
      minor: 0,
      overrides: ['hostPathVolumes'],
      check({ spec }) {
        const bad = (spec.volumes ?? []).filter((volume) => !ALLOWED.some((type) => volume[type] !== undefined));
        if (bad.length === 0) return undefined;
        const types = distinct(bad.map(typeOf));
        const detail = `${plural('volume', bad.length)} ${quoted(bad.map(({ name }) => name))} ${bad.length === 1 ? 'uses' : 'use'} ${plural('restricted volume type', types.length)} ${quoted(types)}`;
        return { reason: 'restricted volume types', detail };
      },
    },
  ],
};

const typeOf = (volume: V1Volume): string => KNOWN.find((type) => volume[type] !== undefined) ?? 'unknown';

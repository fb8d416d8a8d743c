import type { StorageResource } from '../storage/types.ts';

/** Where CustomResourceDefinitions are kept. */
export const DEFINITIONS: StorageResource = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };

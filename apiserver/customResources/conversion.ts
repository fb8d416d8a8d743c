import { internalError } from '../../api/apiError.ts';
import type { V1CustomResourceDefinition } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';

/**
 * What changes objects of a definition with the strategy `Webhook` from one version to another; `None` needs nothing but another `apiVersion`, which the
 * registry writes. No webhook is called: objects of such a definition are served in their storage version alone, and other versions say why not.
 */
export function converterFor(definition: V1CustomResourceDefinition, from: string, to: string): (object: KubeObject) => KubeObject {
  const { group, names } = definition.spec;
  return () => {
    throw internalError(`conversion webhook for ${group}/${from}, Kind=${names.kind} failed: conversion to ${group}/${to} by webhook is not supported`);
  };
}

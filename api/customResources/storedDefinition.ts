import type { V1CustomResourceDefinition, V1CustomResourceDefinitionSpec, V1CustomResourceDefinitionVersion } from '../generated/types.ts';

type Column = NonNullable<V1CustomResourceDefinitionVersion['additionalPrinterColumns']>[number];
type Webhook = NonNullable<NonNullable<V1CustomResourceDefinitionSpec['conversion']>['webhook']>;

interface V1beta1Column extends Omit<Column, 'jsonPath'> {
  readonly JSONPath: string;
}

/** What a version has of its own, or all have from the spec. */
interface V1beta1Parts extends Pick<V1CustomResourceDefinitionVersion, 'subresources' | 'selectableFields'> {
  readonly additionalPrinterColumns?: readonly V1beta1Column[];
}

interface V1beta1Version extends V1beta1Parts, Pick<V1CustomResourceDefinitionVersion, 'name' | 'served' | 'storage' | 'deprecated' | 'deprecationWarning' | 'schema'> {}

/** A CustomResourceDefinition as Kubernetes keeps it in etcd to this day, though it serves this version no more. */
export interface V1beta1Definition extends Omit<V1CustomResourceDefinition, 'spec'> {
  readonly spec: Pick<V1CustomResourceDefinitionSpec, 'group' | 'names' | 'preserveUnknownFields'> &
    V1beta1Parts & {
      readonly scope?: V1CustomResourceDefinitionSpec['scope'];
      readonly version?: string;
      readonly validation?: V1CustomResourceDefinitionVersion['schema'];
      readonly versions?: readonly V1beta1Version[];
      readonly conversion?: { readonly strategy: string; readonly webhookClientConfig?: Webhook['clientConfig']; readonly conversionReviewVersions?: string[] };
    };
}

export const V1BETA1_DEFINITION = 'apiextensions.k8s.io/v1beta1';

/** The same definition in `v1`: what all versions have in common stands in each of them. */
export function definitionInV1({ spec, ...definition }: V1beta1Definition): V1CustomResourceDefinition {
  const { group, names, scope = 'Namespaced', conversion, preserveUnknownFields = true } = spec;
  const versions = spec.versions?.length ? spec.versions : [{ name: spec.version ?? '', served: true, storage: true }];
  return {
    ...definition,
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: {
      group,
      names: { ...names, singular: names.singular || names.kind.toLowerCase(), listKind: names.listKind || `${names.kind}List` },
      scope,
      versions: versions.map((version) => inV1(version, spec)),
      conversion: {
        strategy: conversion?.strategy ?? 'None',
        ...(conversion?.strategy === 'Webhook'
          ? { webhook: { ...(conversion.webhookClientConfig ? { clientConfig: conversion.webhookClientConfig } : {}), conversionReviewVersions: conversion.conversionReviewVersions ?? ['v1beta1'] } }
          : {}),
      },
      ...(preserveUnknownFields ? { preserveUnknownFields } : {}),
    },
  };
}

function inV1(version: V1beta1Version, shared: V1beta1Definition['spec']): V1CustomResourceDefinitionVersion {
  const { name, served, storage, deprecated, deprecationWarning } = version;
  const schema = version.schema ?? shared.validation;
  const subresources = version.subresources ?? shared.subresources;
  const columns = version.additionalPrinterColumns ?? shared.additionalPrinterColumns;
  const selectableFields = version.selectableFields ?? shared.selectableFields;
  return {
    name,
    served,
    storage,
    ...(deprecated ? { deprecated } : {}),
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
    ...(schema ? { schema } : {}),
    ...(subresources ? { subresources } : {}),
    ...(columns ? { additionalPrinterColumns: columns.map(({ JSONPath, ...column }) => ({ ...column, jsonPath: JSONPath })) } : {}),
    ...(selectableFields ? { selectableFields } : {}),
  };
}

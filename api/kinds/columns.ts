import type { V1Container } from '../generated/types.ts';
import type { KubeObject } from '../meta.ts';
import type { ColumnDescription, TableColumn } from '../resourceDefinition.ts';
import { ageOf } from '../values/duration.ts';

/** The column that nearly every kind ends its short form with. */
export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  description: { of: 'V1ObjectMeta.creationTimestamp' },
  priority: 0,
  value: (object, now) => ageOf(object.metadata.creationTimestamp, now),
};

/** A text, or `<none>` where there is none. */
export const orNone = (text: string | undefined | null): string => text || '<none>';

/** A list, or `<none>`. */
export const listOrNone = (texts: readonly string[] | undefined): string => (texts?.length ? texts.join(',') : '<none>');

/** Where a load balancer is reached: each address once, in order. */
export function balancerAddresses(ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined): string[] {
  return [...new Set((ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []))].sort();
}

/** A column of text, in the shorter form that most of them take; `priority` 1 shows it with `-o wide` only. Some of Kubernetes' have numbers under a head that says text. */
export function textColumn<T extends KubeObject>(name: string, description: ColumnDescription, value: (object: T, now: number) => string | number | boolean, priority = 0): TableColumn<T> {
  return { name, type: 'string', description, priority, value };
}

export function integerColumn<T extends KubeObject>(name: string, description: ColumnDescription, value: (object: T) => number, priority = 0): TableColumn<T> {
  return { name, type: 'integer', description, priority, value };
}

/** The wide columns of a workload: its containers, their images and its selector. */
export function containerColumns<T extends KubeObject>(containers: (object: T) => readonly V1Container[] | undefined): TableColumn<T>[] {
  return [
    textColumn('Containers', 'Names of each container in the template.', (object) => (containers(object) ?? []).map((each) => each.name).join(','), 1),
    textColumn('Images', 'Images referenced by each container in the template.', (object) => (containers(object) ?? []).map((each) => each.image ?? '').join(','), 1),
  ];
}

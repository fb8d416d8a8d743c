import { eventually } from '../../rig/controlPlane.ts';
import type { Caller } from './caller.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A schema that takes everything. */
const ALLOW_ALL = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A version of a definition. */
export const defined = (name: string, openAPIV3Schema: object = ALLOW_ALL, more: object = {}): DefinedVersion => ({ name, served: true, storage: true, schema: { openAPIV3Schema }, ...more });

export interface DefinedVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: object };
}

export interface DefinitionForm {
  readonly group?: string;
  readonly plural?: string;
  readonly kind?: string;
  readonly scope?: 'Cluster' | 'Namespaced';
  readonly versions?: readonly DefinedVersion[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly names?: object;
  readonly conversion?: object;
}

export interface MadeDefinition {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  /** Of the custom objects, by version: in the namespace `default` where they have one. */
  at(version: string, name?: string): string;
  remove(): Promise<void>;
}

let made = 0;

/** Makes a definition of a group of its own, and waits until its first version is served. */
export async function makeDefinition(caller: Caller, form: DefinitionForm): Promise<MadeDefinition> {
  made += 1;
  const { group = `g${made}.example.com`, scope = 'Namespaced', versions = [defined('v1', ALLOW_ALL, { subresources: { status: {} } })], labels = {}, conversion } = form;
  const kind = form.kind ?? `E2eTest${made}Crd`;
  const plural = form.plural ?? `${kind.toLowerCase()}s`;
  const name = `${plural}.${group}`;
  const path = `${DEFINITIONS}/${name}`;
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, ...form.names };
  await caller.ok('POST', DEFINITIONS, { metadata: { name, labels }, spec: { group, scope, names, versions, ...(conversion ? { conversion } : {}) } });
  const at = (version: string, object = ''): string => `/apis/${group}/${version}/${scope === 'Namespaced' ? 'namespaces/default/' : ''}${plural}${object && `/${object}`}`;
  const first = versions.find(({ served }) => served)?.name ?? '';
  await until('the definition is served', async () => (await caller.request('GET', at(first))).status === 200);
  return {
    group, plural, kind, name, path, at,
    remove: async () => {
      await caller.ok('DELETE', path);
      await until('the definition is gone', async () => (await caller.request('GET', path)).status === 404 && (await caller.request('GET', at(first))).status === 404);
    },
  };
}

/** Waits for at most a minute. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  await eventually(what, async () => ((await holds()) ? true : undefined), 60);
}

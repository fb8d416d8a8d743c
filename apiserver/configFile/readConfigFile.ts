import { parseYaml } from '../codec/parseYaml.ts';
import { ConfigFileError, type ConfigShape, readShape } from './configShape.ts';

/** What a file must be: `apiserver.config.k8s.io/v1 AuthorizationConfiguration`, say. */
export interface ConfigKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
}

const MAXIMUM_DEPTH = 64;

/** Reads a configuration file in YAML or JSON, strictly; its parts besides `apiVersion` and `kind`. Throws a ConfigFileError. */
export function readConfigFile(text: string, { group, versions, kind }: ConfigKind, shape: Readonly<Record<string, ConfigShape>>): unknown {
  const { value, duplicates, error } = parseYaml(text, MAXIMUM_DEPTH);
  if (error !== undefined) throw new ConfigFileError(error);
  const { apiVersion, kind: foundKind } = (typeof value === 'object' && value !== null ? value : {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (typeof foundKind !== 'string' || foundKind === '') throw new ConfigFileError("Object 'Kind' is missing");
  const known = versions.some((version) => apiVersion === `${group}/${version}`);
  if (!known || foundKind !== kind) throw new ConfigFileError(`no kind ${JSON.stringify(foundKind)} is registered for version ${JSON.stringify(apiVersion ?? '')}`);
  if (duplicates.length > 0) throw new ConfigFileError(`strict decoding error: ${duplicates.join(', ')}`);
  const { apiVersion: _version, kind: _kind, ...rest } = readShape(value, { object: { apiVersion: 'string', kind: 'string', ...shape } }) as Record<string, unknown>;
  return rest;
}

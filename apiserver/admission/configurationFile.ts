import { parse } from 'yaml';
import type { ConfigShape } from '../configFile/configShape.ts';
import { ConfigFileError, readConfigFile } from '../configFile/readConfigFile.ts';
import { AdmissionConfigurationError } from './configurationObject.ts';

const KIND = { versions: ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'], kind: 'AdmissionConfiguration' };
const FIELDS: Readonly<Record<string, ConfigShape>> = { plugins: { list: { struct: 'AdmissionPluginConfiguration', fields: { name: 'string', path: 'string', configuration: 'any' } } } };

interface PluginConfiguration {
  readonly name?: string;
  readonly path?: string;
  readonly configuration?: unknown;
}

/**
 * Reads the text of an AdmissionConfiguration, YAML or JSON: the configuration of each plugin, which stands in it or in a file that it
 * names. `read` gives the text of such a file, by a path that is relative to the configuration's folder. Throws an `AdmissionConfigurationError`.
 */
export function parseAdmissionConfiguration(text: string, read: (path: string) => string): ReadonlyMap<string, unknown> {
  const configured = new Map<string, unknown>();
  for (const { name = '', path = '', configuration } of pluginsOf(text)) {
    // Of two for one plugin the first counts.
    if (configured.has(name)) continue;
    configured.set(name, configuration ?? (path === '' ? undefined : yaml(read(path))));
  }
  return configured;
}

function pluginsOf(text: string): readonly PluginConfiguration[] {
  try {
    const { plugins = [] } = readConfigFile(text, KIND, FIELDS) as { readonly plugins?: readonly PluginConfiguration[] };
    return plugins;
  } catch (error) {
    if (error instanceof ConfigFileError) throw new AdmissionConfigurationError(error.message);
    throw error;
  }
}

function yaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new AdmissionConfigurationError(`it is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

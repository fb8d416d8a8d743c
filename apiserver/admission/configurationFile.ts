import { parse } from 'yaml';
import { AdmissionConfigurationError, known, record } from './configurationObject.ts';

/**
 * Reads the text of an AdmissionConfiguration, YAML or JSON: the configuration of each plugin, which stands in it or in a file that it
 * names. `read` gives the text of such a file, by a path that is relative to the configuration's folder. Throws an `AdmissionConfigurationError`.
 */
export function parseAdmissionConfiguration(text: string, read: (path: string) => string): ReadonlyMap<string, unknown> {
  const root = record(yaml(text), 'AdmissionConfiguration');
  const { apiVersion, kind } = root;
  if (kind !== 'AdmissionConfiguration' || (apiVersion !== 'apiserver.config.k8s.io/v1' && apiVersion !== 'apiserver.k8s.io/v1alpha1')) {
    throw new AdmissionConfigurationError(`no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}: apiserver.config.k8s.io/v1 AdmissionConfiguration is expected`);
  }
  known(root, '', ['apiVersion', 'kind', 'plugins']);
  const plugins = root['plugins'] ?? [];
  if (!Array.isArray(plugins)) throw new AdmissionConfigurationError('plugins: a list is expected');
  return new Map(plugins.map((item: unknown, index): [string, unknown] => {
    const field = `plugins[${index}]`;
    const plugin = record(item, field);
    known(plugin, `${field}.`, ['name', 'path', 'configuration']);
    const { name, path, configuration } = plugin;
    if (typeof name !== 'string' || name === '') throw new AdmissionConfigurationError(`${field}.name: Required value`);
    if (configuration !== undefined && configuration !== null) return [name, configuration];
    return [name, typeof path === 'string' && path !== '' ? yaml(read(path)) : undefined];
  }));
}

function yaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new AdmissionConfigurationError(`it is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

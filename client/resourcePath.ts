import type { Resource } from './types.ts';

/** Path of a collection, an object or its subresource, e.g. `/apis/apps/v1/namespaces/default/deployments/web/scale`. */
export function resourcePath(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${resource.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** `?a=b&c=d` of the options that are set, or ''. */
export function queryString(options: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const set = Object.entries(options).filter(([, value]) => value !== undefined && value !== '');
  return set.length === 0 ? '' : `?${set.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
}

import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { remainder } from '../request/requestInfo.ts';
import type { ServedResource } from '../registry.ts';
import type { ConnectCall } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Engine } from './call.ts';

const FLAGS = ['stdin', 'stdout', 'stderr', 'tty'];
const STREAMS = ['exec', 'attach', 'portforward'];

/**
 * A request for a connection as admission lets it through: it judges and may change the options that stand in the query (`PodExecOptions` …), as an
 * object without metadata. Logs are a read, and no business of admission.
 */
export async function admitConnect(engine: Engine, call: ConnectCall): Promise<ConnectCall> {
  const { info, user, request } = call;
  const served = engine.registry.find(info.group, info.version, info.resource);
  if (!served || info.subresource === 'log') return call;
  const object = connectOptions(served, call);
  const attributes = attributesOf({ operation: 'CONNECT', definition: served.definition, namespace: info.namespace, name: info.name, subresource: info.subresource, object: object as IncomingObject, previous: undefined, user, dryRun: false, signal: request.signal, warn: (message) => call.warn(message), annotate: (key, value, level) => call.annotate?.(key, value, level) });
  const before = JSON.stringify(object);
  await admit(engine.admission, attributes);
  await validateAdmission(engine.admission, attributes);
  if (JSON.stringify(object) === before || !STREAMS.includes(info.subresource)) return call;
  return { ...call, request: { ...request, query: queryOf(request.query, object) } };
}

type Options = Pick<KubeObject, 'apiVersion' | 'kind'> & Record<string, unknown>;

/** What a connection's query says, as an object of the kind that discovery names. */
function connectOptions({ subresources }: ServedResource, { request, info }: ConnectCall): Options {
  const { group, version, kind } = subresources.find(({ name }) => name === info.subresource)?.kind ?? { group: '', version: 'v1', kind: '' };
  const options: Options = { kind, apiVersion: group === '' ? version : `${group}/${version}` };
  const { query } = request;
  if (info.subresource === 'portforward') return { ...options, ...(query.has('ports') ? { ports: query.getAll('ports').flatMap((each) => each.split(',').map(Number)) } : {}) };
  if (info.subresource === 'proxy') return { ...options, ...(remainder(info) === '' ? {} : { path: remainder(info) }) };
  for (const flag of FLAGS) if (isTrue(query.get(flag))) options[flag] = true;
  if (query.get('container')) options['container'] = query.get('container');
  if (query.has('command')) options['command'] = query.getAll('command');
  return options;
}

/** The query with what became of the options. */
function queryOf(query: URLSearchParams, options: Options): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const name of [...FLAGS, 'container', 'command', 'ports']) {
    changed.delete(name);
    const value = options[name];
    for (const each of Array.isArray(value) ? value : [value]) if (typeof each === 'string' || typeof each === 'number' || each === true) changed.append(name, String(each));
  }
  return changed;
}

const isTrue = (value: string | null): boolean => value !== null && ['', '1', 'true', 't'].includes(value.toLowerCase());

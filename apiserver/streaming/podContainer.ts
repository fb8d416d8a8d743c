import { badRequest } from '../../api/apiError.ts';
import type { V1Pod } from '../../api/generated/types.ts';

/** The container that a request is about: the one that it names, or the only one. Throws with Kubernetes' texts (`podutil.…LogLocation`, `streamLocation`). */
export function chosenContainer(pod: V1Pod, name: string): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  if (name !== '') {
    if ([...containers, ...initContainers, ...ephemeralContainers].some((container) => container.name === name)) return name;
    throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
  }
  const [only] = containers;
  if (only && containers.length === 1) return only.name;
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((container) => container.name);
  const text = `a container name must be specified for pod ${pod.metadata.name}`;
  throw badRequest(containers.length === 0 ? text : `${text}, choose one of: [${all.join(' ')}]`);
}

/** Name of a proxied object, `[scheme:]name[:port]` (`net.SplitSchemeNamePort`); undefined where it is none. */
export function splitSchemeNamePort(text: string): { readonly scheme: string; readonly name: string; readonly port: string } | undefined {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 1 ? ['', ...parts] : parts.length === 2 ? ['', ...parts] : parts;
  if (parts.length > 3 || name === '' || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) return undefined;
  return { scheme, name, port };
}

import type { V1Service } from '../../api/generated/types.ts';

/**
 * The variables that tell a container of the Services of its namespace, in the form of Docker's links, and of the API server
 * (`envvars.FromServices`).
 * @param all Services of the whole cluster that the kubelet knows
 */
export function serviceEnv(all: readonly V1Service[], namespace: string, enableServiceLinks: boolean): ReadonlyMap<string, string> {
  const env = new Map<string, string>();
  const chosen = new Map<string, V1Service>();
  for (const service of all) {
    const { name, namespace: of } = service.metadata;
    const clusterIP = service.spec?.clusterIP;
    if (!clusterIP || clusterIP === 'None') continue;
    const isMaster = of === 'default' && name === 'kubernetes';
    if (of === namespace && enableServiceLinks) chosen.set(name, service);
    else if (isMaster && !chosen.has(name)) chosen.set(name, service);
  }
  for (const service of [...chosen.values()].sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))) addService(env, service);
  return env;
}

function addService(env: Map<string, string>, { metadata, spec }: V1Service): void {
  const name = metadata.name.toUpperCase().replaceAll('-', '_');
  const address = spec?.clusterIP ?? '';
  const ports = spec?.ports ?? [];
  const first = ports[0];
  env.set(`${name}_SERVICE_HOST`, address);
  if (!first) return;
  env.set(`${name}_SERVICE_PORT`, String(first.port));
  for (const port of ports) if (port.name) env.set(`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
  const host = address.includes(':') ? `[${address}]` : address;
  for (const port of ports) {
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`;
    const url = `${protocol}://${host}:${port.port}`;
    if (port === first) env.set(`${name}_PORT`, url);
    env.set(prefix, url);
    env.set(`${prefix}_PROTO`, protocol);
    env.set(`${prefix}_PORT`, String(port.port));
    env.set(`${prefix}_ADDR`, address);
  }
}

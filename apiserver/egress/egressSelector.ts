import { existsSync, readFileSync } from 'node:fs';
import type { Dial } from '../../process/dial.ts';
import { readEgressConfiguration, type EgressConnection, type EgressName } from './egressConfiguration.ts';
import { dialThrough, type ConnectProxy } from './httpConnect.ts';

/** How connections are opened, by where they go to; what is absent is reached directly. */
export type EgressSelector = Readonly<Partial<Record<EgressName, Dial>>>;

/** Takes the file of `--egress-selector-config-file` into force; it and those that it names are read once. Throws a ConfigFileError. */
export function openEgress(file: string): EgressSelector {
  const { egressSelections = [] } = readEgressConfiguration(readFileSync(file, 'utf8'), existsSync);
  const dials = egressSelections.flatMap(({ name = '', connection = {} }): [EgressName, Dial][] => {
    const proxy = proxyOf(connection);
    return proxy ? [[name.toLowerCase() as EgressName, dialThrough(proxy)]] : [];
  });
  return Object.fromEntries(dials);
}

/** Of a valid configuration. */
function proxyOf({ proxyProtocol, transport }: EgressConnection): ConnectProxy | undefined {
  if (proxyProtocol === 'Direct') return undefined;
  const { tcp, uds } = transport ?? {};
  if (uds) return { path: uds.udsName ?? '' };
  const { protocol, hostname, port } = new URL(tcp?.url ?? '');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const { caBundle = '', clientCert = '', clientKey = '', tlsServerName = '' } = tcp?.tlsConfig ?? {};
  if (protocol === 'http:') return { host, port: Number(port || 80) };
  return {
    host,
    port: Number(port || 443),
    tls: { cert: readFileSync(clientCert, 'utf8'), key: readFileSync(clientKey, 'utf8'), ...(caBundle === '' ? {} : { ca: readFileSync(caBundle, 'utf8') }), ...(tlsServerName === '' ? {} : { servername: tlsServerName }) },
  };
}

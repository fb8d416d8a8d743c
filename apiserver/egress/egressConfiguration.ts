import { duplicate, invalid, notSupported, required, type FieldError } from '../../api/fieldError.ts';
import type { ConfigShape } from '../configFile/configShape.ts';
import { describeFaults } from '../configFile/describeFaults.ts';
import { ConfigFileError, readConfigFile } from '../configFile/readConfigFile.ts';

/** Where connections go to: the control plane, the cluster that it runs (nodes, pods, Services), etcd. */
export type EgressName = 'controlplane' | 'cluster' | 'etcd';

/** Files of the identity by which a proxy knows this server, and its authorities'. */
export interface EgressTlsConfig {
  readonly caBundle?: string;
  readonly clientKey?: string;
  readonly clientCert?: string;
  readonly tlsServerName?: string;
}

export interface EgressTransport {
  readonly tcp?: { readonly url?: string; readonly tlsConfig?: EgressTlsConfig };
  readonly uds?: { readonly udsName?: string };
}

export interface EgressConnection {
  readonly proxyProtocol?: string;
  readonly transport?: EgressTransport;
}

/** `EgressSelectorConfiguration` of `apiserver.k8s.io` (KEP-1281). */
export interface EgressConfiguration {
  readonly egressSelections?: readonly { readonly name?: string; readonly connection?: EgressConnection }[];
}

const NAMES: readonly string[] = ['cluster', 'controlplane', 'etcd'];
/** Kubernetes knows `GRPC`, too: the protocol of konnectivity's own, which is not spoken here. */
const PROTOCOLS: readonly string[] = ['Direct', 'HTTPConnect'];
const TLS: ConfigShape = { struct: 'TLSConfig', fields: { caBundle: 'string', clientKey: 'string', clientCert: 'string', tlsServerName: 'string' } };
const TCP: ConfigShape = { struct: 'TCPTransport', fields: { url: 'string', tlsConfig: TLS } };
const TRANSPORT: ConfigShape = { struct: 'Transport', fields: { tcp: TCP, uds: { struct: 'UDSTransport', fields: { udsName: 'string' } } } };
const CONNECTION: ConfigShape = { struct: 'Connection', fields: { proxyProtocol: { text: 'ProtocolType' }, transport: TRANSPORT } };
const FIELDS: Readonly<Record<string, ConfigShape>> = { egressSelections: { list: { struct: 'EgressSelection', fields: { name: 'string', connection: CONNECTION } } } };

/** Reads the file of `--egress-selector-config-file`; `exists` says whether a file that it names is there. Throws a ConfigFileError. */
export function readEgressConfiguration(text: string, exists: (file: string) => boolean): EgressConfiguration {
  const kind = { versions: ['apiserver.k8s.io/v1beta1', 'apiserver.k8s.io/v1alpha1'], kind: 'EgressSelectorConfiguration' };
  const configuration = readConfigFile(text, kind, FIELDS) as EgressConfiguration;
  const errors = validateEgressConfiguration(configuration, exists);
  if (errors.length > 0) throw new ConfigFileError(`failed to validate egress selector configuration: ${describeFaults(errors)}`);
  return configuration;
}

/** `ValidateEgressSelectorConfiguration`; its paths are the same for all selections, and so they are here. */
export function validateEgressConfiguration({ egressSelections = [] }: EgressConfiguration, exists: (file: string) => boolean): FieldError[] {
  const path = 'service.connection';
  const errors = egressSelections.flatMap(({ connection = {} }) => validateConnection(path, connection, exists));
  const seen = new Set<string>();
  for (const [index, { name = '' }] of egressSelections.entries()) {
    const canonical = name.toLowerCase();
    if (seen.has(canonical)) errors.push(duplicate(`${path}[${index}]`, canonical));
    else if (!NAMES.includes(canonical)) errors.push(notSupported(path, canonical, NAMES));
    seen.add(canonical);
  }
  return errors;
}

function validateConnection(path: string, { proxyProtocol = '', transport }: EgressConnection, exists: (file: string) => boolean): FieldError[] {
  const at = `${path}.transport`;
  if (proxyProtocol === 'Direct') return transport ? [invalid(at, 'direct', 'config must be absent for direct connect')] : [];
  if (proxyProtocol !== 'HTTPConnect') return [notSupported(`${path}.protocol`, proxyProtocol, PROTOCOLS)];
  if (!transport) return [required(at, 'transport must be set for HTTPConnect')];
  const { tcp, uds } = transport;
  if (tcp && uds) return [invalid(`${path}.tcp`, tcp, 'TCP and UDS cannot both be set')];
  if (uds) return uds.udsName ? [] : [invalid(`${path}.udsName`, 'nil', 'must be present for UDS connections')];
  if (!tcp) return [required(`${path}.tcp`, 'One of TCP or UDS must be set')];
  const { url = '', tlsConfig } = tcp;
  if (url.startsWith('https://')) return validateTls(`${path}.tlsConfig`, tlsConfig, exists);
  if (!url.startsWith('http://')) return [invalid(`${path}.url`, url, 'supported connection protocols are http:// and https://')];
  return tlsConfig ? [invalid(`${path}.tlsConfig`, 'nil', 'config must not be present when using HTTP')] : [];
}

function validateTls(path: string, tls: EgressTlsConfig | undefined, exists: (file: string) => boolean): FieldError[] {
  if (!tls) return [required(path, 'TLSConfig must be present when using HTTPS')];
  const { caBundle = '', clientCert = '', clientKey = '' } = tls;
  const file = (name: string, value: string, missing: string, absent: string): FieldError[] => {
    if (value === '') return missing === '' ? [] : [invalid(`${path}.${name}`, 'nil', missing)];
    return exists(value) ? [] : [invalid(`${path}.${name}`, value, absent)];
  };
  return [
    ...file('caBundle', caBundle, '', 'TLS config ca bundle does not exist'),
    ...file('clientCert', clientCert, 'Using TLS requires clientCert', 'TLS client cert does not exist'),
    ...file('clientKey', clientKey, 'Using TLS requires requires clientKey', 'TLS client key does not exist'),
  ];
}

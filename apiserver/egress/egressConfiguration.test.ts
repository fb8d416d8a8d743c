import { type EgressConnection, readEgressConfiguration, validateEgressConfiguration } from './egressConfiguration.ts';

const faults = (...selections: { name?: string; connection?: EgressConnection }[]): string[] => validateEgressConfiguration({ egressSelections: selections }, (file) => file.startsWith('/there/')).map(({ field, message }) => `${field}: ${message}`);
const of = (connection: EgressConnection): { name: string; connection: EgressConnection } => ({ name: 'cluster', connection });
const tcp = (url: string, tlsConfig?: object): { name: string; connection: EgressConnection } => of({ proxyProtocol: 'HTTPConnect', transport: { tcp: { url, ...(tlsConfig ? { tlsConfig } : {}) } } });

test.each<[string, { name?: string; connection?: EgressConnection }[], string[]]>([
  ['direct', [of({ proxyProtocol: 'Direct' })], []],
  ['direct with a transport', [of({ proxyProtocol: 'Direct', transport: {} })], ['service.connection.transport: Invalid value: "direct": config must be absent for direct connect']],
  ['a socket', [of({ proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: '/x' } } })], []],
  ['a socket without a name', [of({ proxyProtocol: 'HTTPConnect', transport: { uds: {} } })], ['service.connection.udsName: Invalid value: "nil": must be present for UDS connections']],
  ['no transport', [of({ proxyProtocol: 'HTTPConnect' })], ['service.connection.transport: Required value: transport must be set for HTTPConnect']],
  ['nothing of it', [of({ proxyProtocol: 'HTTPConnect', transport: {} })], ['service.connection.tcp: Required value: One of TCP or UDS must be set']],
  ['plain HTTP', [tcp('http://127.0.0.1:8')], []],
  ['plain HTTP with TLS', [tcp('http://127.0.0.1:8', {})], ['service.connection.tlsConfig: Invalid value: "nil": config must not be present when using HTTP']],
  ['another scheme', [tcp('ftp://x')], ['service.connection.url: Invalid value: "ftp://x": supported connection protocols are http:// and https://']],
  ['TLS without anything', [tcp('https://x')], ['service.connection.tlsConfig: Required value: TLSConfig must be present when using HTTPS']],
  [
    'files that are not there',
    [tcp('https://x', { caBundle: '/gone/ca', clientKey: '/there/key' })],
    ['service.connection.tlsConfig.caBundle: Invalid value: "/gone/ca": TLS config ca bundle does not exist', 'service.connection.tlsConfig.clientCert: Invalid value: "nil": Using TLS requires clientCert'],
  ],
  ['names', [{ name: 'Cluster', connection: { proxyProtocol: 'Direct' } }, of({ proxyProtocol: 'Direct' }), { name: 'moon', connection: { proxyProtocol: 'Direct' } }], ['service.connection[1]: Duplicate value: "cluster"', 'service.connection: Unsupported value: "moon": supported values: "cluster", "controlplane", "etcd"']],
  ['konnectivity', [of({ proxyProtocol: 'GRPC' })], ['service.connection.protocol: Unsupported value: "GRPC": supported values: "Direct", "HTTPConnect"']],
])('%s', (_, selections, expected) => expect(faults(...selections)).toEqual(expected));

test('is read strictly', () => {
  const text = (more: string): string => `apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n- name: etcd\n  connection: {proxyProtocol: Direct${more}}\n`;
  expect(readEgressConfiguration(text(''), () => true)).toEqual({ egressSelections: [{ name: 'etcd', connection: { proxyProtocol: 'Direct' } }] });
  expect(() => readEgressConfiguration(text(', proxy: x'), () => true)).toThrow('strict decoding error: unknown field "egressSelections[0].connection.proxy"');
  expect(() => readEgressConfiguration(text(', transport: {}'), () => true)).toThrow('failed to validate egress selector configuration: service.connection.transport: Invalid value: "direct": config must be absent for direct connect');
});

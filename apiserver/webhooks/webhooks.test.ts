import type { KubeObject } from '../../api/meta.ts';
import { callError } from './callError.ts';
import { serverRefusal } from './serverRefusal.ts';
import { serviceEndpoint } from './serviceEndpoint.ts';
import { pathWithTimeout, webhookAddress } from './webhookAddress.ts';

const failed = (code: string, message = 'x', more: object = {}): Error => Object.assign(new Error(message), { code, ...more });
const dialled = { peer: '10.0.0.1:443', serverName: 'a.b.svc' };

it.each<[string, Error]>([
  ['dial tcp 10.0.0.1:443: connect: connection refused', failed('ECONNREFUSED')],
  ['dial tcp: lookup 10.0.0.1: no such host', failed('ENOTFOUND')],
  ['EOF', failed('ECONNRESET', 'socket hang up')],
  ['tls: failed to verify certificate: x509: certificate signed by unknown authority', failed('SELF_SIGNED_CERT_IN_CHAIN')],
  ['tls: failed to verify certificate: x509: certificate has expired or is not yet valid', failed('CERT_HAS_EXPIRED')],
  ['tls: failed to verify certificate: x509: certificate is valid for x.svc, 10.0.0.2, not a.b.svc', failed('ERR_TLS_CERT_ALTNAME_INVALID', 'x', { cert: { subjectaltname: 'DNS:x.svc, IP Address:10.0.0.2' } })],
  ['tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead', failed('ERR_TLS_CERT_ALTNAME_INVALID', 'x', { cert: { subject: { CN: 'a.b.svc' } } })],
  ['http: server gave HTTP response to HTTPS client', failed('EPROTO', 'ssl3_get_record:wrong version number')],
  ['whatever', failed('OTHER', 'whatever')],
])('what goes wrong is told as %s', (text, error) => {
  expect(callError(error, dialled)).toBe(text);
});

it.each<[number, string, string, string]>([
  [500, 'text/plain', ' oh "no"\n', 'an error on the server ("oh \\"no\\"") has prevented the request from succeeding'],
  [500, 'application/json', '{}', 'an error on the server ("unknown") has prevented the request from succeeding'],
  [404, 'text/plain', 'gone', 'the server could not find the requested resource'],
  [403, 'text/plain', 'not you', 'not you'],
  [302, '', '', 'the server responded with the status code 302 but did not return more information'],
  [500, 'application/json', '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"said so"}', 'said so'],
  [500, 'application/json', '{"kind":"Status","apiVersion":"v1","message":"said so"}', 'an error on the server ("unknown") has prevented the request from succeeding'],
  [500, '', '', 'an error on the server ("") has prevented the request from succeeding'],
])('an answer of %i (%s) is %s', (code, type, body, text) => {
  expect(serverRefusal(code, type, Buffer.from(body))).toBe(text);
});

describe('an address', () => {
  it('is that of a URL', () => {
    expect(webhookAddress({ url: 'https://h.example.com/x/y' })).toEqual({ authority: 'h.example.com', host: 'h.example.com', port: 443, path: '/x/y' });
    expect(webhookAddress({ url: 'https://[::1]:8443' })).toEqual({ authority: '[::1]:8443', host: '::1', port: 8443, path: '/' });
  });
  it('or of a Service', () => {
    const address = webhookAddress({ service: { namespace: 'n', name: 's', path: 'p' } });
    expect(address).toEqual({ authority: 's.n.svc:443', host: 's.n.svc', port: 443, path: '/p', service: { namespace: 'n', name: 's' } });
    expect(pathWithTimeout(address, 3)).toBe('/p?timeout=3s');
  });
  it('must be one of them', () => {
    expect(() => webhookAddress({})).toThrow('webhook configuration must have either service or URL');
  });
});

describe('a Service is reached', () => {
  const service = { spec: { type: 'ClusterIP', ports: [{ name: 'https', port: 443 }] } };
  const slice = {
    metadata: { labels: { 'kubernetes.io/service-name': 's' } },
    ports: [{ name: 'https', port: 8443 }],
    endpoints: [{ addresses: ['10.1.0.1'], conditions: { ready: false } }, { addresses: ['10.1.0.2'] }, { addresses: ['10.1.0.3'], conditions: { ready: true } }],
  };
  const found = (objects: { readonly service?: object; readonly slices?: readonly object[] }, random = 0, port = 443): unknown => {
    const stored = (object: object): { key: string; object: KubeObject; revision: number; bytes: Buffer } => ({ key: '', object: object as KubeObject, revision: 1, bytes: Buffer.alloc(0) });
    return serviceEndpoint({ get: () => objects.service && stored(objects.service), list: () => (objects.slices ?? []).map(stored) }, { namespace: 'n', name: 's', port }, () => random);
  };
  it('at one of its ready endpoints', () => {
    expect([found({ service, slices: [slice] }), found({ service, slices: [slice] }, 0.9)]).toEqual([{ host: '10.1.0.2', port: 8443 }, { host: '10.1.0.3', port: 8443 }]);
  });
  it('by the name that it stands for', () => {
    expect(found({ service: { spec: { type: 'ExternalName', externalName: 'x.example.com' } } })).toEqual({ host: 'x.example.com', port: 443 });
  });
  it('or not at all', () => {
    expect(() => found({})).toThrow('service "s" not found');
    expect(() => found({ service }, 0, 80)).toThrow('no service port 80 found for service "s"');
    expect(() => found({ service })).toThrow('no endpoints available for service "s"');
  });
});

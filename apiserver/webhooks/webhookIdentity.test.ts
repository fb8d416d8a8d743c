import { webhookAddress } from './webhookAddress.ts';
import { authorizationOf, certificateOf, identityFor, type WebhookIdentity } from './webhookIdentity.ts';

const identity = (token: string): WebhookIdentity => ({ token });
const users = new Map(['a.ns.svc', 'a.ns.svc:8443', 'h.example.com:9443', '*.example.com', '*.ns.svc'].map((name) => [name, identity(name)]));
const service = (name: string, port?: number) => webhookAddress({ service: { namespace: 'ns', name, ...(port === undefined ? {} : { port }) } });

it.each([
  ['a Service by its name', service('a'), 'a.ns.svc'],
  ['with its port where that is another', service('a', 8443), 'a.ns.svc:8443'],
  ['by the domain above it', service('b'), '*.ns.svc'],
  ['a host with its port', webhookAddress({ url: 'https://h.example.com:9443/x' }), 'h.example.com:9443'],
  ['a host deep below a domain', webhookAddress({ url: 'https://x.y.example.com/' }), '*.example.com'],
  ['nobody else', webhookAddress({ url: 'https://example.org/' }), undefined],
])('an identity is for %s', (_, address, name) => {
  expect(identityFor({ users }, address)).toEqual(name === undefined ? undefined : identity(name));
});

it('others are shown what stands for all, or the current one', () => {
  const address = webhookAddress({ url: 'https://example.org/' });
  expect(identityFor({ users, current: identity('current') }, address)).toEqual(identity('current'));
  expect(identityFor({ users: new Map([...users, ['*', identity('all')]]), current: identity('current') }, address)).toEqual(identity('all'));
});

it('is shown by a certificate and a header', () => {
  expect(certificateOf({ certificate: 'C', key: 'K' })).toEqual({ cert: 'C', key: 'K' });
  expect(certificateOf({ token: 't' })).toEqual({});
  expect([authorizationOf({ token: 't' }), authorizationOf({ username: 'u', password: 'p' }), authorizationOf({})]).toEqual([{ authorization: 'Bearer t' }, { authorization: 'Basic dTpw' }, {}]);
  expect(() => authorizationOf({ tokenFile: '/none' })).toThrow('ENOENT');
});

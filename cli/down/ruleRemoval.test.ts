import { ruleRemoval } from './ruleRemoval.ts';

const saved = `# Generated
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-A - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE
-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A
COMMIT
*filter
:FORWARD DROP [0:0]
:mine - [0:0]
-A FORWARD -j mine
COMMIT
`;

test('our chains and what leads to them go, all else stays', () => {
  expect(ruleRemoval(saved, { docker: false })).toBe(`*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-A - [0:0]
-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-X KUBE-SERVICES
-X KUBE-SVC-A
COMMIT
`);
});

test('with the engine that we started, its rules go too', () => {
  const input = ruleRemoval(saved, { docker: true });
  expect(input).toContain('-D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER');
  expect(input).toContain('-D POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE');
  expect(input).toContain('-X DOCKER');
  expect(input).toContain(':FORWARD ACCEPT');
  expect(input).not.toContain('192.0.2.0');
  expect(input).not.toContain('mine');
});

test('a host without our rules is left alone', () => {
  expect(ruleRemoval('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n', { docker: true })).toBe('');
});

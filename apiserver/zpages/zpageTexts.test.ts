import { debuggingPaths, flagzText, statuszText } from './zpageTexts.ts';

test('statusz, line by line', () => {
  const paths = debuggingPaths(['/version', '/readyz', '/openapi/v2', '/api/v1', '/apis', '/livez', '/metrics', '/readyz/ping', '/', '/.well-known/openid-configuration', '/openid/v1/jwks']);
  const text = statuszText('apiserver', { startTime: '2026-07-06T06:14:02Z', uptimeSeconds: 12_162, goVersion: 'node26', binaryVersion: '1.36.0', emulationVersion: '1.36', paths });
  expect(text).toBe(`
apiserver statusz
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.

Started: Mon Jul  6 06:14:02 UTC 2026
Up: 3 hr 22 min 42 sec
Go version: node26
Binary version: 1.36.0
Emulation version: 1.36
Paths: /livez /metrics /readyz /version
`);
});

test('flagz: each flag in a line, by name', () => {
  expect(flagzText('apiserver', { b: '[x,y]', a: '1m0s' })).toBe(`
apiserver flagz
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.
a=1m0s
b=[x,y]
`);
});

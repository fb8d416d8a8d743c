import { nodeAttributes } from './requestAttributes.ts';

test.each([
  ['GET', '/stats/summary', 'get', ['stats']],
  ['GET', '/metrics/cadvisor', 'get', ['metrics']],
  ['GET', '/pods', 'get', ['pods', 'proxy']],
  ['POST', '/exec/default/web/main', 'create', ['proxy']],
  ['GET', '/containerLogs/default/web/main', 'get', ['proxy']],
  ['GET', '/metricsother', 'get', ['proxy']],
])('%s %s', (method, path, verb, subresources) => {
  expect(nodeAttributes(method, path)).toEqual({ verb, subresources });
});

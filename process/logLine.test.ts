import { createPlainLogger } from './logLine.ts';

test('lines carry time, level, component, message and the fields of the logger and of the line', () => {
  const lines: string[] = [];
  const logger = createPlainLogger('supervisor', (text) => lines.push(text), () => 0);
  logger.child({ service: 'etcd' }).warn('a service has ended', { how: 'exit code 1', restarts: 2 });
  logger.debug('nobody reads this');
  expect(lines).toEqual(['1970-01-01T00:00:00.000Z warn  supervisor a service has ended service=etcd how="exit code 1" restarts=2\n']);
});

test('a refusal or an outage is its message; what nobody expected has its stack', () => {
  const lines: string[] = [];
  const logger = createPlainLogger('agent', (text) => lines.push(text), () => 0);
  logger.warn('a', { error: Object.assign(new Error('pods "web" not found'), { name: 'ApiError', code: 404 }) });
  logger.warn('b', { error: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) });
  logger.warn('c', { error: new AggregateError([new Error('first'), new Error('second')], '') });
  logger.warn('d', { error: Object.assign(new Error('panic'), { name: 'ApiError', code: 500 }) });
  expect(lines.map((line) => line.replace(/^.*error=/, ''))).toEqual([
    '"ApiError: pods \\"web\\" not found"\n',
    '"Error: connect ECONNREFUSED"\n',
    expect.stringContaining('    at '),
    expect.stringContaining('    at '),
  ]);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
});

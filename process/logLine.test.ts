import { createPlainLogger } from './logLine.ts';

test('lines carry time, level, component, message and the fields of the logger and of the line', () => {
  const lines: string[] = [];
  const logger = createPlainLogger('supervisor', (text) => lines.push(text), () => 0);
  logger.child({ service: 'etcd' }).warn('a service has ended', { how: 'exit code 1', restarts: 2 });
  logger.debug('nobody reads this');
  expect(lines).toEqual(['1970-01-01T00:00:00.000Z warn  supervisor a service has ended service=etcd how="exit code 1" restarts=2\n']);
});

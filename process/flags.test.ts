import { booleanFlag, describeFlags, durationFlag, integerFlag, listFlag, parseFlags, stringFlag } from './flags.ts';

const flags = {
  name: stringFlag('gantry', 'the name'),
  port: integerFlag(6443, 'the port'),
  purge: booleanFlag(false, 'remove data'),
  grace: durationFlag(40_000, 'milliseconds'),
  hosts: listFlag([], 'names'),
};

test('reads both spellings and keeps the rest', () => {
  const { values, rest } = parseFlags(flags, ['--port=7000', '--name', 'x', '--purge', '--grace', '1m30s', '--hosts=a,b', 'up', '--', '--name']);
  expect(values).toEqual({ port: 7000, name: 'x', purge: true, grace: 90_000, hosts: ['a', 'b'] });
  expect(rest).toEqual(['up', '--name']);
});

test.each([
  [['--nope'], 'unknown flag: --nope'],
  [['-x'], 'unknown shorthand flag: -x'],
  [['--port', 'abc'], 'invalid argument for "--port": "abc" is not a whole number'],
  [['--port'], 'flag needs an argument: --port'],
  [['--purge=maybe'], 'invalid argument for "--purge": "maybe" is neither true nor false'],
  [['--grace=10'], 'invalid argument for "--grace": "10" is not a duration such as 10s, 5m or 1h30m'],
])('%j is answered with %s', (argv, message) => {
  expect(() => parseFlags(flags, argv)).toThrow(message);
});

test('help shows defaults', () => {
  expect(describeFlags(flags)).toMatch(/--port +the port \(default 6443\)/);
});

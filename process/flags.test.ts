import { booleanFlag, describeFlags, durationFlag, FlagError, integerFlag, listFlag, parseFlags, stringFlag } from './flags.ts';

const flags = {
  name: stringFlag('gantry', 'the name'),
  port: integerFlag(6443, 'the port'),
  purge: booleanFlag(false, 'remove data'),
  grace: durationFlag(40_000, 'milliseconds'),
  hosts: listFlag([], 'names'),
  verbosity: { ...integerFlag(0, 'how much is told'), shorthand: 'v' },
};

test('reads both spellings and keeps the rest', () => {
  const { values, rest } = parseFlags(flags, ['--port=7000', '--name', 'x', '--purge', '--grace', '1m30s', '--hosts=a,b', 'up', '--', '--name']);
  expect(values).toEqual({ port: 7000, name: 'x', purge: true, grace: 90_000, hosts: ['a', 'b'], verbosity: 0 });
  expect(rest).toEqual(['up', '--name']);
});

const refused: ReadonlyArray<readonly [readonly string[], string]> = [
  [['--nope'], 'unknown flag: --nope'],
  [['-x'], "unknown shorthand flag: 'x' in -x"],
  [['--=1'], 'bad flag syntax: --=1'],
  [['--port', 'abc'], 'invalid argument "abc" for "--port" flag: strconv.ParseInt: parsing "abc": invalid syntax'],
  [['--port', '9223372036854775808'], 'invalid argument "9223372036854775808" for "--port" flag: strconv.ParseInt: parsing "9223372036854775808": value out of range'],
  [['--port'], 'flag needs an argument: --port'],
  [['-v'], "flag needs an argument: 'v' in -v"],
  [['-v=x'], 'invalid argument "x" for "-v, --verbosity" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [['--purge=maybe'], 'invalid argument "maybe" for "--purge" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  [['--grace=10'], 'invalid argument "10" for "--grace" flag: time: missing unit in duration "10"'],
  [['--grace=1d'], 'invalid argument "1d" for "--grace" flag: time: unknown unit "d" in duration "1d"'],
  [['--grace='], 'invalid argument "" for "--grace" flag: time: invalid duration ""'],
];

test.each(refused)('%j is answered with %s', (argv, message) => {
  expect(() => parseFlags(flags, argv)).toThrow(new FlagError(message));
});

test('values in all the forms that Go takes', () => {
  expect(parseFlags(flags, ['--port=0x1F', '--purge=T', '--grace=-1.5s', '-v3']).values).toMatchObject({ port: 31, purge: true, grace: -1500, verbosity: 3 });
  expect(parseFlags(flags, ['-v', '2', '--port=1_000']).values).toMatchObject({ port: 1000, verbosity: 2 });
});

test('a list that is given again grows, and may be quoted', () => {
  expect(parseFlags(flags, ['--hosts=a,b', '--hosts="c,d",e', '--hosts=']).values.hosts).toEqual(['a', 'b', 'c,d', 'e']);
});

test('help shows defaults', () => {
  expect(describeFlags(flags)).toMatch(/--port +the port \(default 6443\)/);
});

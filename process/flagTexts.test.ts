import { arrayFlag, booleanFlag, durationFlag, integerFlag, listFlag, mapFlag, parseFlags, stringFlag } from './flags.ts';
import { flagTexts } from './flagTexts.ts';

const flags = { text: stringFlag('a', ''), list: listFlag(['x', 'y'], ''), none: listFlag([], ''), each: arrayFlag(''), map: mapFlag(''), wait: durationFlag(60_000, ''), on: booleanFlag(true, ''), count: integerFlag(3, '') };

test('values are shown as pflag prints them', () => {
  const { values } = parseFlags(flags, ['--each=1', '--each=2,3', '--map=b=2', '--map=a=1', '--on=false']);
  expect(flagTexts(flags, values)).toEqual({ text: 'a', list: '[x,y]', none: '[]', each: '[1,2,3]', map: 'a=1,b=2', wait: '1m0s', on: 'false', count: '3' });
});

test('a password in a URL is not shown', () => {
  const { values } = parseFlags(flags, ['--list=https://root:pw@etcd:2379,http://b', '--text=me@example.com']);
  expect(flagTexts(flags, values)).toMatchObject({ list: '[https://CLASSIFIED@etcd:2379,http://b]', text: 'me@example.com' });
});

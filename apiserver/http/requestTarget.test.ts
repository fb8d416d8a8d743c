import { parametersOf } from './requestTarget.ts';

test.each([
  ['a=1&b=%20x', [['a', '1'], ['b', ' x']]],
  ['limit=%zz&a=1', [['a', '1']]],
  ['a=1;b=2&c=3', [['c', '3']]],
  ['', []],
])('the parameters of %j are those that can be decoded', (query, expected) => expect([...parametersOf(query)]).toEqual(expected));

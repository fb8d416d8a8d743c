import { readJson } from './jsonReader.ts';
import { countKeys, scanJson } from './jsonScan.ts';

describe('the careful JSON reader', () => {
  it('reads what JSON.parse reads', () => {
    const text = '{"a":[1,-2.5e3,true,null,"x\\u0041\\n"],"b":{"c":{}},"d":[]}';
    expect(readJson(text).value).toEqual(JSON.parse(text));
  });

  it('names duplicate keys by their path', () => {
    expect(readJson('{"a":1,"b":[{"c":1,"c":2}],"a":3}')).toMatchObject({ value: { a: 3, b: [{ c: 2 }] }, duplicates: ['b[0].c', 'a'] });
  });

  it('names integers of 64 bits that a double changes', () => {
    expect(readJson('[9007199254740993, 9007199254740992, 12345678901234567890, -9223372036854775808, 9223372036854775807, 9223372036854775808]').inexact).toEqual(['9007199254740993', '-9223372036854775808', '9223372036854775807']);
  });

  it('refuses numbers beyond doubles', () => {
    expect(() => readJson('{"a":1e400}')).toThrow('json: cannot unmarshal number 1e400 into Go value of type float64');
    expect(scanJson(Buffer.from('[true,false,1e400]')).longNumbers).toBe(true);
  });

  it('replaces halves of surrogate pairs', () => expect(readJson('["\\ud800a","\\ud83d\\ude00"]').value).toEqual(['\ufffda', '😀']));

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['{x', "invalid character 'x' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ["'", "invalid character '\\'' looking for beginning of value"],
  ])('refuses %j in the words of Go', (text, message) => {
    expect(() => readJson(text)).toThrow(message);
  });
});

describe('the byte scan', () => {
  it('counts keys and depth, and is not misled by strings', () => {
    const text = '{"a:{\\"[": {"b":[[1,":"]]}, "n": "1234567890123456789"}';
    expect(scanJson(Buffer.from(text))).toEqual({ keys: 3, depth: 4, longNumbers: false });
    expect(countKeys(JSON.parse(text))).toBe(3);
    expect(scanJson(Buffer.from('{"a":1234567890123456}')).longNumbers).toBe(true);
  });
  it.each(['\\', '\\\\', '"', '\\"', 'x"y'])('finds the end of strings that hold %j, short and long', (part) => {
    for (let length = 0; length < 40; length++) {
      for (const text of ['x'.repeat(length) + part, part + 'x'.repeat(length), part.repeat(length)]) {
        expect(scanJson(Buffer.from(JSON.stringify({ [text]: { a: `${text}:{` } })))).toEqual({ keys: 2, depth: 2, longNumbers: false });
      }
    }
  });
});

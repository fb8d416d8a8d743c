import { goUrlFault, parseGoRequestUri, parseGoUrl } from './goUrl.ts';

it.each([
  ['', { scheme: '', host: '', query: '', fragment: '' }],
  ['arg#backwards=thisis?html.index/port:host//:https', { scheme: '', host: '', query: '', fragment: 'backwards=thisis?html.index/port:host//:https' }],
  ['HTTPS://u:p@h:1/a?b=c?d#e', { scheme: 'https', user: 'u:p', host: 'h:1', query: 'b=c?d', fragment: 'e' }],
  ['//host/path', { scheme: '', host: 'host', query: '', fragment: '' }],
  ['///path', { scheme: '', host: '', query: '', fragment: '' }],
  ['mailto:a@b', { scheme: 'mailto', host: '', query: '', fragment: '' }],
  ['https://[::1]:443', { scheme: 'https', host: '[::1]:443', query: '', fragment: '' }],
])('%j is read', (text, parts) => {
  expect(parseGoUrl(text)).toMatchObject(parts);
});

it.each([
  [':a', 'parse ":a": missing protocol scheme'],
  ['1a:b', 'parse "1a:b": first path segment in URL cannot contain colon'],
  ['https://h:x/', 'parse "https://h:x/": invalid port ":x" after host'],
  ['https://h/%zz', 'parse "https://h/%zz": invalid URL escape "%zz"'],
  ['https://[::1/', 'parse "https://[::1/": missing \']\' in host'],
  ['https://h\n', 'parse "https://h\\n": net/url: invalid control character in URL'],
])('%j is refused', (text, message) => {
  expect(() => parseGoUrl(text)).toThrow(message);
});

it.each([
  ['https://host:port', 'parse "https://host:port": invalid port ":port" after host'],
  ['https://u:p@host:port/x', 'parse "https://u:p@host:port/x": invalid port ":port" after host'],
  ['unix:///a\n.socket', 'parse "unix:///a\\n.socket": net/url: invalid control character in URL'],
  ['https://a.b:', undefined],
  ['a:b', undefined],
])('%j: %s', (text, fault) => {
  expect(goUrlFault(text)).toBe(fault);
});

it('a request is of an absolute URL or path', () => {
  expect(goUrlFault('/a', parseGoRequestUri)).toBeUndefined();
  expect(goUrlFault('a', parseGoRequestUri)).toBe('parse "a": invalid URI for request');
});

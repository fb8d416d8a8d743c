import { validateWebhookService, validateWebhookUrl } from './webhookClient.ts';

const lines = (errors: readonly { readonly field: string; readonly message: string }[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);
const service = { name: 'a', namespace: 'b' };

test.each<[object, string[]]>([
  [service, []],
  [{ ...service, path: '/' }, []],
  [{ ...service, path: '/a/b/', port: 8443 }, []],
  [{}, ['c.name: Required value', 'c.namespace: Required value']],
  [{ ...service, port: 0 }, ['c.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive']],
  [{ ...service, path: '//' }, ['c.path: Invalid value: "//": segment[0] may not be empty']],
  [{ ...service, path: 'a' }, ['c.path: Invalid value: "a": must start with a \'/\'', 'c.path: Invalid value: "a": segment[0] may not be empty']],
])('service %j', (config, messages) => {
  expect(lines(validateWebhookService('c', config))).toEqual(messages);
});

test.each<[string, string[]]>([
  ['https://example.com/a', []],
  ['example.com', ["c: Invalid value: \"\": 'https' is the only allowed URL scheme; desired format: https://host[/path]", 'c: Invalid value: "": host must be specified; desired format: https://host[/path]']],
  ['http://u@example.com/?a#b', [
    "c: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]", 'c: Invalid value: "u": user information is not permitted in the URL',
    'c: Invalid value: "b": fragments are not permitted in the URL', 'c: Invalid value: "a": query parameters are not permitted in the URL',
  ]],
])('url %s', (url, messages) => {
  expect(lines(validateWebhookUrl('c', url))).toEqual(messages);
});

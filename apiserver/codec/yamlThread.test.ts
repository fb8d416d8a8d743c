import { FakeClock } from '../../process/fakeClock.ts';
import { MAX_DEPTH, parseYamlBody } from './parseBody.ts';
import { readText, YamlThread } from './yamlThread.ts';

const thread = new YamlThread(new FakeClock());
afterAll(() => thread.close());

const large = (text: string): Buffer => Buffer.from(`${text}\n${'# nothing\n'.repeat(2_000)}`);
const read = async (body: Buffer): Promise<ReturnType<typeof parseYamlBody>> => {
  await thread.prepare(body, 'application/yaml', MAX_DEPTH);
  expect(readText(body)).toBeDefined();
  return parseYamlBody(body);
};

/** What a promise rejects with; undefined where it does not. */
const refusalOf = async (promise: Promise<void> | undefined): Promise<unknown> => {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
};

test('only large YAML goes to the thread', () => {
  expect(thread.prepare(Buffer.from('a: 1'), 'application/yaml', MAX_DEPTH)).toBeUndefined();
  expect(thread.prepare(large('a: 1'), 'application/json', MAX_DEPTH)).toBeUndefined();
  expect(thread.prepare(large('a: 1'), undefined, MAX_DEPTH)).toBeUndefined();
});

test('what it reads is what would have been read here', async () => {
  const text = 'a: 0644\nb: [yes, "no", 1.5, null]\nc: {d: &x [1], e: *x}\na: again';
  const body = large(text);
  expect(await read(body)).toEqual(parseYamlBody(Buffer.from(text)));
  expect(parseYamlBody(body).value).not.toBe(parseYamlBody(body).value);
});

test.each([
  ['a: [', 'yaml: line'],
  ['a: .nan', 'error converting YAML to JSON: json: unsupported value: NaN'],
  ['a: .inf', 'error converting YAML to JSON: json: unsupported value: +Inf'],
  [`${'['.repeat(3_000)}${']'.repeat(3_000)}`, 'exceeded max depth'],
])('%.20s is refused', async (text, message) => {
  await expect(read(large(text))).rejects.toThrow(message);
});

test('more than may wait are sent away', async () => {
  const clock = new FakeClock();
  const busy = new YamlThread(clock);
  const sent = Array.from({ length: 66 }, () => busy.prepare(large('a: 1'), 'application/yaml', MAX_DEPTH)!.catch((error: { code?: number }) => error.code));
  busy.close();
  const codes = await Promise.all(sent);
  expect(codes.slice(0, 65).every((code) => code === 503)).toBe(true);
  expect(codes[65]).toBe(429);
});

test('a document that nobody waits for any more is given up, and the next one is read', async () => {
  const busy = new YamlThread(new FakeClock());
  const clients = [new AbortController(), new AbortController()] as const;
  const [first, second] = clients.map(({ signal }) => refusalOf(busy.prepare(large('a: 1'), 'application/yaml', MAX_DEPTH, signal)));
  const body = large('a: 2');
  const next = busy.prepare(body, 'application/yaml', MAX_DEPTH);
  for (const client of clients) client.abort();
  expect([await first, await second]).toMatchObject([{ code: 503 }, { code: 503 }]);
  await next;
  expect(readText(body)).toMatchObject({ json: '{"a":2}' });
  busy.close();
});

test('a document that takes too long is given up, and the next one is read', async () => {
  const clock = new FakeClock();
  const busy = new YamlThread(clock);
  const endless = refusalOf(busy.prepare(large(`a:\n${'  - {b: c}\n'.repeat(3_000)}`), 'application/yaml', MAX_DEPTH));
  const body = large('a: 1');
  const next = busy.prepare(body, 'application/yaml', MAX_DEPTH);
  await clock.advance(30_000);
  expect(await endless).toMatchObject({ code: 400 });
  await next;
  expect(readText(body)).toMatchObject({ json: '{"a":1}' });
  busy.close();
});

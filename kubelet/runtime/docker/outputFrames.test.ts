import { PassThrough, Readable } from 'node:stream';
import { splitOutput } from './outputFrames.ts';

const frame = (stream: number, text: string): Buffer => Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
const read = async (stream: PassThrough): Promise<string> => Buffer.concat(await stream.toArray()).toString();

test('frames that are cut anywhere reach their streams whole', async () => {
  const bytes = Buffer.concat([frame(1, 'hello '), frame(2, 'oh'), frame(1, ''), frame(1, 'world')]);
  for (const size of [1, 3, 7, 100]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    await splitOutput(Readable.from(parts), stdout, stderr);
    stdout.end();
    stderr.end();
    expect([await read(stdout), await read(stderr)]).toEqual(['hello world', 'oh']);
  }
});

test('a full stream holds the engine back', async () => {
  let given = 0;
  const endless = Readable.from((function* () { for (given = 0; given < 1000; given += 1) yield frame(1, 'x'.repeat(200)); })(), { highWaterMark: 1 });
  const stdout = new PassThrough({ highWaterMark: 1000 });
  const done = splitOutput(endless, stdout, new PassThrough());
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(given).toBeLessThan(20);
  stdout.destroy();
  await done;
  expect(given).toBe(1000);
});

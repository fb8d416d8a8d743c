import { createInterface } from 'node:readline';
import { record, type RecorderOptions } from './recorder.ts';

/**
 * The recorder in a process of its own, which runs in a host that reaches the cluster: the first line of standard input is its options, every
 * further one a question; each gets one line of JSON on standard output.
 */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
if (first.done) throw new Error('the recorder needs its options on the first line');
const recording = await record(JSON.parse(first.value) as RecorderOptions);
const answer = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
answer('recording');
for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const [question, argument] = line.split(' ');
  if (question === 'acknowledged') answer(recording.acknowledged);
  else if (question === 'gap') answer(recording.longestGap());
  else if (question === 'finish') {
    answer(await recording.finish(Number(argument)));
    break;
  } else throw new Error(`the recorder does not know "${line}"`);
}
recording.close();

import { readJsonInSteps } from './jsonReader.ts';
import { parseAhead, parseJson } from './parseBody.ts';

const many = Array.from({ length: 60_000 }, (_, at) => at);
const list = JSON.stringify(many);

/** What comes of a body; what is wrong with it as text. */
function outcome(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    return String(error);
  }
}

test.each<[string, string, unknown, number]>([
  ['a sound one', `{"a":${list}}`, { value: { a: many }, strictErrors: [] }, 3],
  ['a key that stands twice', `{"a":1,"a":${list}}`, { value: { a: many }, strictErrors: ['duplicate field "a"'] }, 7],
  ['what ends too early', `{"a":${list}`, 'Error: unexpected end of JSON input', 7],
  ['a number that is none', `{"a":${list},"b":1e400}`, 'Error: json: cannot unmarshal number 1e400 into Go value of type float64', 7],
])('a large body is read ahead as it would be read at once: %s', async (_, text, expected, steps) => {
  const body = Buffer.from(text);
  const atOnce = outcome(body);
  expect(atOnce).toEqual(expected);
  let turns = 0;
  const ended = new AbortController();
  const count = (): void => {
    turns += 1;
    if (!ended.signal.aborted) setImmediate(count);
  };
  setImmediate(count);
  await parseAhead(body);
  ended.abort();
  expect(turns).toBeGreaterThanOrEqual(steps);
  expect(outcome(body)).toEqual(expected);
  // Whoever asks again gets a value of his own.
  expect(outcome(body)).toEqual(expected);
});

test('no step of the careful reader is longer than some thousands of values', () => {
  let steps = 0;
  for (const work = readJsonInSteps(`[${list},${list}]`); !work.next().done; ) steps += 1;
  expect(steps).toBe(12);
});

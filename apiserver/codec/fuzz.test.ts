import { ApiError } from '../../api/apiError.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import { formatQuantity, tryParseQuantity } from '../../api/values/quantity.ts';
import { decodeContinue } from '../handlers/continueToken.ts';
import { parseSelection } from '../handlers/selection.ts';
import { parsePatch } from '../patch/applyPatch.ts';
import { listOptions } from '../request/options.ts';
import { parseRequestInfo, remainder } from '../request/requestInfo.ts';
import { decodeBody } from './decodeBody.ts';
import { RandomInput } from '../../api/schema/randomInput.ts';
import { atOnce } from '../inTurns.ts';

/** Whatever is sent: a result, or an `ApiError` that was meant; never anything else, and never late. Patches that cannot be merged are a 500, as with Kubernetes. */
const schema = loadSchema();
const SEED = 20_260_101;
/** Beyond this much work a client could hold all others up. */
const SLOW_MS = 250;

/** What went wrong in so many rounds. */
function faults(rounds: number, run: (input: RandomInput) => unknown): string[] {
  const input = new RandomInput(SEED);
  const found: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = cpuMilliseconds();
    try {
      run(input);
    } catch (error) {
      // Kubernetes itself answers some refusals as a 500 without a reason.
      if (!(error instanceof ApiError) || error.code < 400 || (error.code >= 500 && error.reason !== '')) found.push(`round ${round}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const took = cpuMilliseconds() - began;
    if (took > SLOW_MS) found.push(`round ${round} took ${took} ms`);
  }
  return found.slice(0, 3);
}

/** What this thread has worked, whoever else the machine works for, and whatever is tidied up beside it. */
function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const definitions = builtinDefinitions.filter(({ verbs }) => verbs === undefined || verbs.includes('update'));
const pick = (input: RandomInput) => input.pick(definitions);

test('bodies: JSON', () => expect(faults(4_000, (input) => {
  const definition = pick(input);
  const text = JSON.stringify(input.object(schema, definition.model));
  return decodeBody(schema, input.mangled(text), 'application/json', definition, input.pick(['Strict', 'Warn', 'Ignore']));
})).toEqual([]));

test('bodies: YAML', () => expect(faults(1_500, (input) => decodeBody(schema, input.mangled(input.yaml()), 'application/yaml', pick(input), 'Warn'))).toEqual([]));

test('bodies: protobuf', () => expect(faults(4_000, (input) => {
  const raw = Buffer.concat([Buffer.from('6b387300', 'hex'), Buffer.from([0x0a, 0x09, 0x0a, 0x02, 0x76, 0x31, 0x12, 0x03, 0x50, 0x6f, 0x64, 0x12]), input.bytes(60)]);
  const pod = definitions.find(({ kind }) => kind === 'Pod')!;
  return decodeBody(schema, raw, 'application/vnd.kubernetes.protobuf', pod, 'Strict');
})).toEqual([]));

test('decoding what was decoded changes nothing', () => expect(faults(1_500, (input) => {
  const definition = pick(input);
  const once = decodeBody(schema, Buffer.from(JSON.stringify(input.object(schema, definition.model))), 'application/json', definition, 'Ignore').object;
  const twice = decodeBody(schema, Buffer.from(JSON.stringify(once)), 'application/json', definition, 'Strict').object;
  expect(twice).toEqual(once);
})).toEqual([]));

test('defaults, validation, columns and warnings take every object that can be decoded', () => expect(faults(3_000, (input) => {
  const definition = pick(input);
  const { object } = decodeBody(schema, Buffer.from(JSON.stringify(input.object(schema, definition.model))), 'application/json', definition, 'Ignore');
  const metadata = (object['metadata'] ?? {}) as { name?: string };
  const whole = { ...object, metadata: { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata } };
  definition.setDefaults?.(whole);
  definition.prepareForCreate?.(whole);
  const errors = [...(definition.validate?.(whole) ?? []), ...(definition.validateCreate?.(whole) ?? [])];
  definition.warnings?.(whole);
  if (errors.length > 0) return;
  const previous = structuredClone(whole);
  definition.prepareForUpdate?.(whole, previous);
  definition.validateUpdate?.(whole, previous);
  for (const column of definition.columns ?? []) column.value(whole, 0);
  definition.selectableFields?.(whole);
})).toEqual([]));

test.each(['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'])('patches: %s', (type) => expect(faults(3_000, (input) => {
  const definition = pick(input);
  const current = decodeBody(schema, Buffer.from(JSON.stringify(input.object(schema, definition.model))), 'application/json', definition, 'Ignore').object;
  const before = JSON.stringify(current);
  const patch = type.includes('json-patch') ? input.operations(current) : input.mergePatch(input.object(schema, definition.model));
  const { object } = atOnce(parsePatch(schema, type, input.mangled(JSON.stringify(patch)), definition, 'Warn').apply(current));
  expect(JSON.stringify(current)).toBe(before);
  return object;
})).toEqual([]));

test('selectors', () => expect(faults(20_000, (input) => parseSelection(pick(input), input.word('ab=!<>(), in notin./-_\\é'), input.word('ab=!\\,.metadata')))).toEqual([]));

test('continue tokens and options of lists', () => expect(faults(10_000, (input) => {
  const token = JSON.stringify({ v: input.pick(['meta.k8s.io/v1', 'v1', 1]), rv: input.value(1), start: input.pick(['a', '/a', '../a', 'a\u0000', '', 7]) });
  const query = new URLSearchParams();
  for (const name of ['limit', 'timeoutSeconds', 'resourceVersion', 'resourceVersionMatch', 'continue', 'sendInitialEvents', 'watch']) {
    if (input.chance(0.3)) query.append(name, input.pick([input.word('01-9eE+ x'), 'true', 'Exact', 'NotOlderThan', '']));
  }
  listOptions(query, input.pick(['list', 'watch']));
  return decodeContinue(input.chance(0.3) ? input.word('aA09-_=+/') : input.mangled(token).toString('base64url'));
})).toEqual([]));

test('paths', () => expect(faults(20_000, (input) => {
  const parts = ['api', 'apis', 'v1', 'apps', 'namespaces', 'pods', 'watch', 'proxy', 'status', '..', '', '%2F', '%zz', '%ff', 'constructor', '__proto__', 'a b', 'é'];
  const path = `/${Array.from({ length: input.below(9) }, () => input.pick(parts)).join('/')}`;
  const query = new URLSearchParams(input.word('watch=&%truefieldSelector'));
  return remainder(parseRequestInfo(input.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'constructor']), path, query));
})).toEqual([]));

test('quantities: what can be read is written in a form that reads as the same amount', () => expect(faults(30_000, (input) => {
  const text = input.chance(0.01) ? '1'.repeat(input.below(100_000)) : input.word('0123456789.+-eEnumkKMGTPi');
  const quantity = tryParseQuantity(text);
  expect(quantity && tryParseQuantity(formatQuantity(quantity))?.nanos).toBe(quantity?.nanos);
})).toEqual([]));

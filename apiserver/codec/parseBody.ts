import { goQuote } from '../../api/values/goPrint.ts';
import { JsonRangeError, JsonSyntaxError, readJsonInSteps } from './jsonReader.ts';
import { atOnce, inTurns, nextTurn } from '../inTurns.ts';
import { countKeys, scanJson, type JsonScan } from './jsonScan.ts';
import { parseYaml } from './parseYaml.ts';
import { readText } from './yamlThread.ts';

/** A body as plain data, with what is wrong with it that only `Strict` minds. */
export interface ParsedBody {
  readonly value: unknown;
  /** Strict decoding errors: `duplicate field "spec.a"`. */
  readonly strictErrors: readonly string[];
  /** Whether a custom resource keeps nulls where its schema allows none, for validation to find; dropped where this is absent. */
  readonly nulls?: 'drop' | 'keep';
}

/** The body is well written, but has a number that is none. */
export class NumberRangeError extends Error {}

/** The body cannot be read at all; the message is what Kubernetes puts behind its introduction. */
export class BodySyntaxError extends Error {}

/** Deeper bodies are refused: everything that walks an object may recurse. */
export const MAX_DEPTH = 1000;
/** Go's decoder keeps no more than this many strict errors. */
export const MAX_STRICT_ERRORS = 100;
/** Written as an escape, it may be half of a pair. */
const SURROGATE = /(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/;
const SHOWN_DIGITS = 40;
const OPENING_BRACE = 0x7b;
const OPENING_BRACKET = 0x5b;

/** What was read ahead: the body, or what is wrong with it. */
const ahead = new WeakMap<Buffer, ParsedBody | NumberRangeError | BodySyntaxError>();

/** Has a large body that looks like JSON parsed step by step, each in a turn of the event loop of its own; then `parseJson` knows it. What is wrong with it comes out there. */
export async function parseAhead(bytes: Buffer): Promise<void> {
  await nextTurn();
  if (bytes[0] !== OPENING_BRACE && bytes[0] !== OPENING_BRACKET) return;
  const scan = scanJson(bytes);
  if (scan.depth > MAX_DEPTH) return;
  await nextTurn();
  const text = bytes.toString('utf8');
  const value = tryParse(text);
  await nextTurn();
  ahead.set(bytes, isSound(text, value, scan) ? { value, strictErrors: [] } : await readAhead(text));
  await nextTurn();
}

async function readAhead(text: string): Promise<ParsedBody | NumberRangeError | BodySyntaxError> {
  try {
    return await inTurns(readCarefully(text));
  } catch (error) {
    if (error instanceof NumberRangeError || error instanceof BodySyntaxError) return error;
    throw error;
  }
}

/** Whether a JSON text has escapes of halves of surrogate pairs. */
export const hasSurrogates = (text: string): boolean => text.includes('\\u') && SURROGATE.test(text);

/** Parses JSON; the careful reader runs only where the byte scan or JSON.parse found something. Throws `BodySyntaxError`. */
export function parseJson(bytes: Buffer): ParsedBody {
  const known = ahead.get(bytes);
  // Whoever gets it may change it.
  if (known && ahead.delete(bytes)) {
    if (known instanceof Error) throw known;
    return known;
  }
  const scan = scanJson(bytes);
  if (scan.depth > MAX_DEPTH) throw new BodySyntaxError('exceeded max depth');
  const text = bytes.toString('utf8');
  const value = tryParse(text);
  return isSound(text, value, scan) ? { value, strictErrors: [] } : atOnce(readCarefully(text));
}

/** Tells what JSON.parse hides, or what it does not like; others get their turn in between. */
function* readCarefully(text: string): Generator<void, ParsedBody> {
  try {
    const reading = yield* readJsonInSteps(text);
    if (reading.inexact.length > 0) throw new BodySyntaxError(`number ${shortened(reading.inexact[0]!)} cannot be represented exactly`);
    return { value: reading.value, strictErrors: reading.duplicates.slice(0, MAX_STRICT_ERRORS).map((path) => `duplicate field ${goQuote(path)}`) };
  } catch (error) {
    if (error instanceof JsonRangeError) throw new NumberRangeError(error.message);
    if (error instanceof JsonSyntaxError) throw new BodySyntaxError(error.message);
    throw error;
  }
}

/** Parses one YAML document as Kubernetes does (YAML 1.1, aliases limited). Throws `BodySyntaxError`. */
export function parseYamlBody(bytes: Buffer): ParsedBody {
  const text = readText(bytes);
  // Each time anew: who asked before may have changed what it got.
  const { value, duplicates, error } = text ? { ...text, value: JSON.parse(text.json) as unknown } : parseYaml(bytes.toString('utf8'), MAX_DEPTH);
  if (error !== undefined) throw new BodySyntaxError(error);
  return { value, strictErrors: duplicates.length === 0 ? [] : [`yaml: unmarshal errors:\n${duplicates.slice(0, MAX_STRICT_ERRORS).map((each) => `  ${each}`).join('\n')}`] };
}

/** Whether JSON.parse has hidden nothing. */
const isSound = (text: string, value: unknown, scan: JsonScan): boolean => value !== undefined && !scan.longNumbers && !hasSurrogates(text) && countKeys(value) === scan.keys;

/** A number as a message shows it. */
function shortened(digits: string): string {
  return digits.length <= SHOWN_DIGITS ? digits : `${digits.slice(0, SHOWN_DIGITS)}...`;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The careful reader says what is wrong in Go's words.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

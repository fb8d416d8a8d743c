import type { Answer } from '../../rig/apiserver.ts';
import { Differences } from '../oracle/comparison.ts';
import type { Pair, Side } from './referenceServer.ts';

/** One request, sent to both. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What both answered. */
export interface Answers {
  readonly gantry: Answer;
  readonly kubernetes: Answer;
}

/** What each run has of its own: names of objects' lives, and times. */
const OWN: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'time', 'lastTransitionTime', 'continue']);

/** Upstream stops at the first field that is not declared, in the order of Go's maps: which one it is, and what was found before, is another one each time. */
const UNDECLARED = 'field not declared in schema';

/** A patched object in a message, which upstream shows with the fields that a patch adds in the order of the patch. */
const DOCUMENT = /Invalid value: "\{.*\}\n?": /s;

/**
 * What has no order that is the same each time. Faults come in that of Go's maps, which is another one each time, and so do they in a message; one that several checks find is there several times. Owners of fields
 * are in the order of their times, which are whole seconds: whether two are of the same second is each run's own.
 */
const UNORDERED: ReadonlySet<string> = new Set(['causes', 'managedFields']);

/** Sends both the same, and collects where their answers differ: in the status, the content type, the warnings, or the body, but for what each run has of its own. */
export class Exchange {
  readonly #pair: Pair;
  readonly differences = new Differences();

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** `<uid>` and `<resourceVersion>` in a body that is text stand for those of the object that each answered with `earlier`. */
  async both(request: Request, earlier?: Answers): Promise<Answers> {
    const [gantry, kubernetes] = await Promise.all([send(this.#pair.gantry, request, earlier?.gantry), send(this.#pair.kubernetes, request, earlier?.kubernetes)]);
    this.differences.compare(request, describe(gantry, earlier?.gantry), describe(kubernetes, earlier?.kubernetes));
    return { gantry, kubernetes };
  }
}

const send = (side: Side, { method, path, body, headers }: Request, earlier: Answer | undefined): Promise<Answer> =>
  side.request(method, path, typeof body === 'string' ? filledIn(body, earlier) : body, { ...headers });

function filledIn(body: string, earlier: Answer | undefined): string {
  const { uid = '', resourceVersion = '' } = metadataOf(earlier);
  return body.replaceAll('<uid>', uid).replaceAll('<resourceVersion>', resourceVersion);
}

const metadataOf = (answer: Answer | undefined): { readonly uid?: string; readonly resourceVersion?: string } => (answer?.json as { metadata?: { uid?: string; resourceVersion?: string } } | undefined)?.metadata ?? {};

function describe({ status, headers, text, json }: Answer, earlier: Answer | undefined): string {
  const body = json === undefined ? text : JSON.stringify(comparable(JSON.parse(text, asWritten)));
  const { uid } = metadataOf(earlier);
  return JSON.stringify([status, headers['content-type'], headers['warning'] ?? '']) + (uid ? body.replaceAll(uid, '<uid>') : body);
}

/** Numbers are compared as they were written. */
const asWritten = (_name: string, value: unknown, context?: { readonly source?: string }): unknown => (typeof value === 'number' ? `number ${context?.source ?? value}` : value);

/** In the order of the names, with a mark in place of what each run has of its own: its kind, so that one that is missing is seen. */
export function comparable(value: unknown, name = ''): unknown {
  if (OWN.has(name) && typeof value === 'string') return value === '' ? '' : `<${name}>`;
  if (Array.isArray(value)) return UNORDERED.has(name) ? [...new Set(sorted(value))].map((text) => JSON.parse(text) as unknown) : value.map((each) => comparable(each));
  if (name === 'message' && typeof value === 'string' && value.includes(UNDECLARED)) return UNDECLARED;
  if (name === 'message' && typeof value === 'string') return value.replace(DOCUMENT, 'Invalid value: <document>: ').split(/\n *|, |[[\]]/).sort().join(', ');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, comparable(each, key)]));
}

const sorted = (values: readonly unknown[]): string[] => values.map((each) => JSON.stringify(comparable(each))).sort();

import https from 'node:https';
import { parse } from 'yaml';
import { Differences } from '../oracle/comparison.ts';
import type { Request } from './exchange.ts';
import type { Pair, Side } from './referenceServer.ts';

/** What an answer says of itself that a client may go by, besides its length and its date. */
const HEADERS = ['content-type', 'cache-control', 'x-content-type-options', 'warning', 'retry-after', 'vary', 'content-encoding', 'location', 'allow', 'connection', 'keep-alive', 'etag', 'last-modified', 'audit-id', 'x-kubernetes-pf-flowschema-uid', 'x-kubernetes-pf-prioritylevel-uid', 'www-authenticate', 'trailer'];
/** Only whether they are there. */
const PRESENT: ReadonlySet<string> = new Set(['audit-id', 'x-kubernetes-pf-flowschema-uid', 'x-kubernetes-pf-prioritylevel-uid']);

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends both the same, and compares the answers to the letter: status, headers, bytes; with marks in place of what each run has of its own. */
export class RawExchange {
  readonly #pair: Pair;
  readonly differences = new Differences();

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** `rewrite` makes of the request what is sent to one side, where it names something that each has of its own. */
  async both(request: Request, rewrite: (request: Request, side: 'gantry' | 'kubernetes') => Request = (same) => same): Promise<{ readonly gantry: RawAnswer; readonly kubernetes: RawAnswer }> {
    const [gantry, kubernetes] = await Promise.all([sendRaw(this.#pair.gantry, rewrite(request, 'gantry')), sendRaw(this.#pair.kubernetes, rewrite(request, 'kubernetes'))]);
    this.differences.compare(request, describe(gantry), describe(kubernetes));
    return { gantry, kubernetes };
  }
}

/** One request whose answer is read to its end; methods and paths are sent as they are. */
export function sendRaw({ agent, port }: Side, { method, path, body, headers }: Request): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
    const type = bytes === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? {} : { 'content-type': 'application/json' };
    const length = bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) };
    const request = https.request({ agent, host: '127.0.0.1', port, method, path, headers: { ...type, ...length, ...headers } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString(response.headers['content-encoding'] ? 'latin1' : 'utf8') }));
    });
    // A panic of Kubernetes' breaks the connection off.
    request.on('error', ({ message }) => resolve({ status: 0, headers: {}, text: message }));
    request.end(bytes);
  });
}

function describe({ status, headers, text }: RawAnswer): string {
  const shown = HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${PRESENT.has(name) ? '<present>' : String(headers[name])}`]));
  return `${status} ${shown.join(', ')}\n${masked(text)}`;
}

const OWN_VALUE = /("?\b(?:uid|resourceVersion|creationTimestamp|deletionTimestamp|time|lastTransitionTime|continue)"?: ?)"([^"]+)"/g;
const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** With marks in place of what each run has of its own. */
export function masked(text: string): string {
  return sorted(text.replace(OWN_VALUE, '$1"<own>"').replace(UID, '<uid>').replaceAll(' in record (', ' in record (#').replace(/#\d+/g, '<version>').replaceAll('Key: /reference/', 'Key: /registry/'));
}

/**
 * JSON in the order of the names, with a mark that says whether it is indented, and its end as it was: Gantry sends what it has stored, whose fields stand as the client sent them.
 * YAML as what it says (by 1.2, whose "." is a text): each writer breaks long lines and quotes in its own way.
 */
function sorted(text: string): string {
  if (text.startsWith('apiVersion: ')) return `YAML ${JSON.stringify(parse(text), order)}`;
  if (!text.startsWith('{')) return text;
  const lines = text.trimEnd().split('\n');
  try {
    const indented = lines.length > 1 && lines[0] === '{';
    if (indented) return `indented ${JSON.stringify(JSON.parse(text), order)}${text.slice(text.trimEnd().length)}`;
    return lines.map((line) => JSON.stringify(JSON.parse(line), order)).join('\n') + text.slice(text.trimEnd().length);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function order(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

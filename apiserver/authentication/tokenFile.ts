import { createHash } from 'node:crypto';
import type { UserInfo } from '../types.ts';
import type { TokenAuthenticator, TokenReviewResult } from './bearerToken.ts';

/** A file that cannot be read; the messages are those of Go's `encoding/csv`. */
export class TokenFileError extends Error {}

/** The lines `token,user,uid,"group1,group2"` of a `--token-auth-file`; of two with one token the later counts. */
export class StaticTokenAuthenticator implements TokenAuthenticator {
  readonly #users: ReadonlyMap<string, UserInfo>;

  /** Throws a TokenFileError. */
  constructor(csv: string) {
    this.#users = new Map(readRecords(csv).filter(([token]) => token !== '').map(([token = '', name = '', uid = '', groups]) => [digestOf(token), userOf(name, uid, groups)]));
  }

  async authenticateToken(token: string): Promise<TokenReviewResult | undefined> {
    // Found by its digest: how long that takes tells nothing of the tokens.
    const user = this.#users.get(digestOf(token));
    return user && { user, audiences: [] };
  }
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64');

/** Nothing is trimmed, and an empty column is a group without a name. */
const userOf = (name: string, uid: string, groups: string | undefined): UserInfo => ({ name, ...(uid === '' ? {} : { uid }), groups: groups === undefined ? [] : groups.split(',') });

/** Records of three fields and more, as Go reads them: a field in quotes may go over lines, `""` is a quote in it, and elsewhere there is none. */
function readRecords(csv: string): string[][] {
  // A line ends with either, and a last one may with half of it.
  const text = csv.replaceAll('\r\n', '\n').replace(/\r$/, '');
  const records: string[][] = [];
  let began = 0;
  const lineOf = (at: number): number => text.slice(0, at).split('\n').length;
  const fail = (at: number, what: string): TokenFileError => {
    // The last line is not over before something follows it.
    const end = at === text.length && text.endsWith('\n') ? at - 1 : at;
    const column = Buffer.byteLength(text.slice(text.lastIndexOf('\n', end - 1) + 1, at)) + 1;
    const record = lineOf(began) === lineOf(end) ? '' : `record on line ${lineOf(began)}; `;
    return new TokenFileError(`${record}parse error on line ${lineOf(end)}, column ${column}: ${what}`);
  };
  for (let at = 0; at < text.length; ) {
    if (text[at] === '\n') {
      at += 1;
      continue;
    }
    began = at;
    const record: string[] = [];
    for (let more = true; more; ) {
      const { value, end } = text[at] === '"' ? quotedField(text, at, fail) : plainField(text, at, fail);
      record.push(value);
      more = text[end] === ',';
      at = end + 1;
    }
    if (record.length < 3) throw new TokenFileError(`token file must have at least 3 columns (token, user name, user uid), found ${record.length}`);
    records.push(record);
  }
  return records;
}

type Fail = (at: number, what: string) => TokenFileError;

/** A field from `start`, and where the comma, the line's end or the text's is behind it. */
interface Field {
  readonly value: string;
  readonly end: number;
}

function plainField(text: string, start: number, fail: Fail): Field {
  const rest = text.slice(start).search(/[,\n]/);
  const end = rest < 0 ? text.length : start + rest;
  const value = text.slice(start, end);
  if (value.includes('"')) throw fail(start + value.indexOf('"'), 'bare " in non-quoted-field');
  return { value, end };
}

function quotedField(text: string, start: number, fail: Fail): Field {
  let value = '';
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw fail(text.length, 'extraneous or missing " in quoted-field');
    value += text.slice(from, quote);
    const next = text[quote + 1];
    if (next === ',' || next === '\n' || next === undefined) return { value, end: quote + 1 };
    if (next !== '"') throw fail(quote, 'extraneous or missing " in quoted-field');
    value += '"';
    from = quote + 2;
  }
}

import { badRequest } from '../../../api/apiError.ts';
import { decodeHeaderName, headerValues } from '../../request/headerValues.ts';
import type { ApiRequest } from '../../types.ts';
import { setField } from '../../../api/values/ownField.ts';

const EXTRA_PREFIX = 'impersonate-extra-';

/** Whom a request wants to act as, before anything is added. */
export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Whether there is anything to read in the headers `Impersonate-*`. */
export function asksToImpersonate({ headers }: ApiRequest): boolean {
  if (headers['impersonate-user'] || headers['impersonate-uid'] || headers['impersonate-group'] !== undefined) return true;
  for (const header in headers) if (header.startsWith(EXTRA_PREFIX)) return true;
  return false;
}

/** Reads the headers `Impersonate-*`. Throws a 400 where they name no user. */
export function readWantedUser(request: ApiRequest): WantedUser {
  const { headers } = request;
  const name = headers['impersonate-user'] ?? '';
  const uid = headers['impersonate-uid'] ?? '';
  const groups = headerValues(request, 'impersonate-group');
  const extra: Record<string, readonly string[]> = {};
  for (const header in headers) {
    if (header.startsWith(EXTRA_PREFIX)) setField(extra, decodeHeaderName(header.slice(EXTRA_PREFIX.length)), headerValues(request, header));
  }
  if (name === '') throw badRequest(`requested ${goText({ name, uid, groups, extra })} without impersonating a user name`);
  return { name, uid, groups, extra };
}

/** As Go prints the structure. */
function goText({ name, uid, groups, extra }: WantedUser): string {
  const list = (values: readonly string[]): string => `[]string${values.length === 0 ? '(nil)' : goList(values)}`;
  const entries = Object.entries(extra).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, values]) => `${JSON.stringify(key)}:[]string${goList(values)}`);
  const map = entries.length === 0 ? '(nil)' : `{${entries.join(', ')}}`;
  return `&user.DefaultInfo{Name:${JSON.stringify(name)}, UID:${JSON.stringify(uid)}, Groups:${list(groups)}, Extra:map[string][]string${map}}`;
}

const goList = (values: readonly string[]): string => `{${values.map((value) => JSON.stringify(value)).join(', ')}}`;

import type { ApiRequest } from '../types.ts';

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const PEOPLE = ['curl', 'Wget', 'Mozilla/5.0'];

/** People who look with curl or a browser are shown indented JSON, unless they say otherwise (`?pretty=false`). */
export function wantsPretty({ query, headers }: Pick<ApiRequest, 'query' | 'headers'>): boolean {
  const pretty = query.get('pretty') ?? '';
  if (pretty !== '') return TRUE.includes(pretty);
  const agent = headers['user-agent'] ?? '';
  return PEOPLE.some((each) => agent.startsWith(each));
}

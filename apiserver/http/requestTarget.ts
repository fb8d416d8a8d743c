/** A request's target without the scheme and authority that it may have (as for a proxy). */
export function originForm(target = '/'): string {
  if (target.startsWith('/')) return target;
  const rest = target.replace(/^https?:\/\/[^/?]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The two parts of a request's target, both as they were sent; `query` is without its mark. */
export function splitTarget(url: string | undefined): { readonly path: string; readonly query: string } {
  const target = originForm(url);
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** What in a query's text is no percent-encoding, or parts it in a way that is none any more. */
const FAULTY = /%(?![0-9a-f]{2})|;/i;

/** The parameters of a query. As Go does, without those that cannot be decoded. */
export function parametersOf(query: string): URLSearchParams {
  if (!FAULTY.test(query)) return new URLSearchParams(query);
  return new URLSearchParams(query.split('&').filter((each) => !FAULTY.test(each)).join('&'));
}

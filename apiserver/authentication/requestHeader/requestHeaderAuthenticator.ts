import { decodeHeaderName, headerValues } from '../../request/headerValues.ts';
import type { ApiRequest, Authenticator, UserInfo } from '../../types.ts';
import { ownField, setField } from '../../../api/values/ownField.ts';

/** The flags `--requestheader-*`: who may say in whose name a request comes, and in which headers. */
export interface RequestHeaderSettings {
  /** Common names of proxies; none: whoever has a certificate of the authority. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Believes a proxy that has authenticated its clients itself, such as an aggregator (`headerrequest.NewDynamicVerifyOptionsSecure`). */
export class RequestHeaderAuthenticator implements Authenticator {
  readonly #settings: RequestHeaderSettings;

  constructor({ allowedNames, usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes }: RequestHeaderSettings) {
    const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.trim().toLowerCase());
    this.#settings = { allowedNames, usernameHeaders: lower(usernameHeaders), uidHeaders: lower(uidHeaders), groupHeaders: lower(groupHeaders), extraHeaderPrefixes: lower(extraHeaderPrefixes) };
  }

  authenticate(request: ApiRequest): Promise<UserInfo | undefined> {
    return Promise.resolve(this.#isProxy(request) ? this.#userOf(request) : undefined);
  }

  #isProxy({ proxyCertificate }: ApiRequest): boolean {
    const { allowedNames } = this.#settings;
    return proxyCertificate !== undefined && (allowedNames.length === 0 || allowedNames.includes(proxyCertificate.commonName));
  }

  #userOf(request: ApiRequest): UserInfo | undefined {
    const { usernameHeaders, uidHeaders, groupHeaders } = this.#settings;
    const first = (names: readonly string[]): string => names.map((name) => headerValues(request, name)[0] ?? '').find((value) => value !== '') ?? '';
    const name = first(usernameHeaders);
    if (name === '') return undefined;
    const uid = first(uidHeaders);
    const groups = groupHeaders.flatMap((header) => headerValues(request, header)).filter((group) => group !== '');
    const extra = this.#extraOf(request);
    return { name, groups, ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  }

  #extraOf(request: ApiRequest): Record<string, readonly string[]> {
    const extra: Record<string, readonly string[]> = {};
    for (const prefix of this.#settings.extraHeaderPrefixes) {
      for (const header of Object.keys(request.headers)) {
        if (!header.startsWith(prefix)) continue;
        const key = decodeHeaderName(header.slice(prefix.length));
        setField(extra, key, [...(ownField(extra, key) ?? []), ...headerValues(request, header)]);
      }
    }
    return extra;
  }
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const DOMAIN = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
const FORM = new RegExp(`^(?:(${DOMAIN})/)?(${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`);
const BARE_ID = /^[a-f0-9]{64}$/;

export interface ImageReference {
  /** Host and port of the registry; '' for the engine's default. */
  readonly registry: string;
  /** Below the registry. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes an image's name apart; undefined where it is none (`reference.ParseNormalizedNamed`). */
export function parseImage(image: string): ImageReference | undefined {
  if (BARE_ID.test(image)) return undefined;
  const match = FORM.exec(image);
  if (!match) return undefined;
  const [, domain, path = '', tag, digest] = match;
  // What comes before the first slash is a registry only if it looks like a host.
  if (domain !== undefined && !/[.:]/.test(domain) && domain !== 'localhost' && domain === domain.toLowerCase()) return { registry: '', path: `${domain}/${path}`, tag, digest };
  return { registry: domain ?? '', path, tag, digest };
}

/** The image as it is asked for: with `:latest` where it has neither tag nor digest (`applyDefaultImageTag`). */
export function withDefaultTag(image: string): string | undefined {
  const reference = parseImage(image);
  if (!reference) return undefined;
  return reference.tag === undefined && reference.digest === undefined ? `${image}:latest` : image;
}

/** `Always` for `:latest`, else `IfNotPresent`: the API's default, for pods that come from files. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const reference = parseImage(image);
  return reference && reference.digest === undefined && (reference.tag ?? 'latest') === 'latest' ? 'Always' : 'IfNotPresent';
}

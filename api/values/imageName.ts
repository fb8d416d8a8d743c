/** The parts of an image reference that decide how it is pulled. */
export interface ImageName {
  /** Without tag and digest. */
  readonly repository: string;
  /** `latest` where neither tag nor digest is given; `''` for a digest alone. */
  readonly tag: string;
  readonly digest: string;
}

/** Splits `host:port/path/name:tag@digest`. */
export function parseImageName(image: string): ImageName {
  const at = image.indexOf('@');
  const digest = at < 0 ? '' : image.slice(at + 1);
  const rest = at < 0 ? image : image.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const hasTag = colon > rest.lastIndexOf('/');
  const tag = hasTag ? rest.slice(colon + 1) : '';
  return { repository: hasTag ? rest.slice(0, colon) : rest, tag: tag === '' && digest === '' ? 'latest' : tag, digest };
}

/** `Always` for what may change under its name, `IfNotPresent` for the rest. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  return image && parseImageName(image).tag === 'latest' ? 'Always' : 'IfNotPresent';
}

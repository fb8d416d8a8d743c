/** Where a webhook is reached, as configurations of admission and of conversion write it: by exactly one of `url` and `service`. */
export interface WebhookClientConfig {
  readonly url?: string;
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number };
  /** Base64 of PEM; absent: the authorities that the system trusts. */
  readonly caBundle?: string;
}

/** A client configuration, read. */
export interface WebhookAddress {
  /** `host:port` as the Host header and messages show it. */
  readonly authority: string;
  /** Name or address, without brackets; of a Service the name that its certificate must bear. */
  readonly host: string;
  readonly port: number;
  /** Path, and the query that a URL brings along. */
  readonly path: string;
  readonly service?: { readonly namespace: string; readonly name: string };
}

const HTTPS_PORT = 443;

/** Reads a client configuration (`webhook.ClientManager.HookClient`). Throws an `Error` for one that names neither a URL nor a Service. */
export function webhookAddress({ url, service }: WebhookClientConfig): WebhookAddress {
  if (service) {
    const { namespace, name, path = '' } = service;
    const host = `${name}.${namespace}.svc`;
    const port = service.port ?? HTTPS_PORT;
    return { authority: `${host}:${port}`, host, port, path: path.startsWith('/') ? path : `/${path}`, service: { namespace, name } };
  }
  if (url === undefined) throw new Error('webhook configuration must have either service or URL');
  if (!URL.canParse(url)) throw new Error(`Unparsable URL: ${url}`);
  const parsed = new URL(url);
  return {
    authority: parsed.host,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? HTTPS_PORT : Number(parsed.port),
    path: parsed.pathname + parsed.search,
  };
}

/** The path with the time that the webhook has, as Go's client adds it. */
export function pathWithTimeout({ path }: Pick<WebhookAddress, 'path'>, seconds: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}timeout=${seconds}s`;
}

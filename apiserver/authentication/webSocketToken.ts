import type { ApiRequest } from '../types.ts';

const PREFIX = 'base64url.bearer.authorization.k8s.io.';
/** Base64 for URLs without padding. */
const ENCODED = /^[\w-]*$/;

/** What a WebSocket's protocols say of a token is no token. */
export class WebSocketTokenError extends Error {}

/**
 * The token among the protocols of a WebSocket's request, by which a browser that can set no header of its own shows it; undefined where
 * there is none. Another protocol has to be beside it, for the answer to choose. Throws `WebSocketTokenError`.
 */
export function webSocketToken({ headers }: ApiRequest): string | undefined {
  if (!/^websocket$/i.test(headers['upgrade'] ?? '') || !/(?:^|,)\s*upgrade\s*(?:$|,)/i.test(headers['connection'] ?? '')) return undefined;
  const protocols = protocolsOf(headers['sec-websocket-protocol']);
  const shown = protocols.filter(isToken).map((protocol) => protocol.slice(PREFIX.length));
  if (shown.length > 1) throw new WebSocketTokenError('multiple base64.bearer.authorization tokens specified');
  const [encoded = ''] = shown;
  if (!ENCODED.test(encoded) || encoded.length % 4 === 1) throw new WebSocketTokenError('invalid base64.bearer.authorization token encoding');
  const token = textOf(Buffer.from(encoded, 'base64url'));
  if (token === '') return undefined;
  if (shown.length === protocols.length) throw new WebSocketTokenError('missing additional subprotocol');
  return token;
}

/** The protocols of a WebSocket's request without its token, for whom it is passed on to; undefined where none is left. */
export function withoutToken(header: string): string | undefined {
  if (!header.includes(PREFIX)) return header;
  const others = protocolsOf(header).filter((protocol) => !isToken(protocol));
  return others.length === 0 ? undefined : others.join(',');
}

const protocolsOf = (header: string | undefined): string[] => (header === undefined ? [] : header.split(',').map((protocol) => protocol.trim()));

const isToken = (protocol: string): boolean => protocol.startsWith(PREFIX);

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new WebSocketTokenError('invalid base64.bearer.authorization token');
  }
}

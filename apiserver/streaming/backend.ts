import { type Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as netConnect, isIPv6, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { internalError } from '../../api/apiError.ts';
import { type Dial, plainAgent, secureAgent } from '../../process/dial.ts';
import { withoutToken } from '../authentication/webSocketToken.ts';
import type { ApiRequest, ApiResponse, UpgradeConnection } from '../types.ts';

/** How the API server proves to kubelets who it is, and what it expects of them. PEM. */
export interface KubeletClientConfig {
  readonly certificate?: string;
  readonly key?: string;
  /** Authority of the kubelets' certificates; without it they are not verified (`--kubelet-certificate-authority`). */
  readonly authority?: string;
  /** By which of a node's addresses its kubelet is reached, the first that it has (`--kubelet-preferred-address-types`); those that kubeadm gives unless given. */
  readonly preferredAddressTypes?: readonly string[];
}

/** Where a request goes on to. */
export interface Backend {
  readonly host: string;
  readonly port: number;
  readonly tls: false | BackendTls;
  /** Path with query. */
  readonly path: string;
  /** Headers in the place of the client's own, by name in lower case; one letter stands for one byte. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** What is thrown where it cannot be reached, given why; an internal error unless set. */
  readonly failure?: (why: string) => Error;
  /** How it is reached, unless directly. */
  readonly dial?: Dial | undefined;
}

/** PEM. */
interface BackendTls {
  readonly certificate?: string;
  readonly key?: string;
  /** Absent: its certificate is not verified, unless `verified` says by the authorities that the system trusts. */
  readonly authority?: string;
  readonly verified?: boolean;
  /** The name that its certificate must bear, where that is not the host. */
  readonly serverName?: string;
}

const DIAL_MILLISECONDS = 10_000;
/** A path to a peer that has gone is found out by probes of TCP. */
const KEEP_ALIVE_MILLISECONDS = 20_000;
/** What concerns one connection only (RFC 9110, 7.6.1), and what proves to the API server who asks. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'authorization', 'host', 'content-length', 'expect']);

/** Sends the request on and gives the answer as it comes. Throws `internalError` where the backend cannot be reached. */
export async function forward(backend: Backend, request: ApiRequest): Promise<ApiResponse> {
  const answer = await exchange(backend, request);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined && !NOT_PASSED_ON.has(name)) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return { status: answer.statusCode ?? 502, headers, body: answer };
}

/** As `forward`, but the answer as Node has it. */
export function exchange(backend: Backend, request: ApiRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      host: backend.host,
      port: backend.port,
      path: backend.path,
      method: request.method,
      headers: { ...passedOn(request.headers), ...backend.headers, host: authority(backend), ...(request.body.length > 0 ? { 'content-length': String(request.body.length) } : {}), 'x-forwarded-for': request.remoteAddress },
      agent: agentOf(backend),
      signal: request.signal,
      ...tlsOptions(backend),
    };
    const call: ClientRequest = backend.tls ? httpsRequest(options) : httpRequest(options);
    call.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MILLISECONDS));
    call.setTimeout(DIAL_MILLISECONDS, () => {
      if (call.socket?.connecting) call.destroy(new Error('i/o timeout'));
    });
    call.once('response', resolve);
    call.on('error', (error) => reject(dialError(backend, error)));
    call.end(request.body);
  });
}

/**
 * Hands an upgraded connection through: the request's head is sent on, and bytes pass both ways until either side ends. Throws before
 * anything was answered where the backend cannot be reached; its refusals reach the client as they are.
 */
export async function tunnel(backend: Backend, request: ApiRequest, { message, socket, head }: UpgradeConnection): Promise<void> {
  const target = await dial(backend);
  const headers = { ...passedOn(request.headers), ...backend.headers, host: authority(backend), connection: 'Upgrade', upgrade: request.headers['upgrade'] ?? '', 'x-forwarded-for': request.remoteAddress };
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}\r\n`));
  target.write(`${message.method ?? 'GET'} ${backend.path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  if (head.length > 0) target.write(head);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      socket.destroy();
      target.destroy();
      resolve();
    };
    // Ends of one direction are passed on; a side that has gone for good takes the other along, once that was told all.
    target.on('error', end);
    socket.on('error', end);
    target.once('close', () => (socket.writableEnded || socket.destroyed ? end() : socket.end(end)));
    socket.once('close', end);
    target.pipe(socket);
    socket.pipe(target);
  });
}

/** A connection for one request. */
function agentOf({ dial: reach, tls }: Backend): Agent | false {
  if (!reach) return false;
  return tls ? secureAgent({}, reach) : plainAgent({}, reach);
}

async function dial(backend: Backend): Promise<Socket> {
  const { host, port, dial: reach } = backend;
  const opened = await reach?.(host, port).catch((error: Error) => {
    throw dialError(backend, error);
  });
  if (opened && !backend.tls) return opened;
  return new Promise((resolve, reject) => {
    const options = { host, port, allowHalfOpen: true, ...tlsOptions(backend), ...(opened ? { socket: opened } : {}) };
    const socket: Socket = backend.tls ? tlsConnect({ ...options, ALPNProtocols: ['http/1.1'] }) : netConnect(options);
    const failed = (error: Error): void => {
      socket.destroy();
      reject(dialError(backend, error));
    };
    socket.once('error', failed);
    socket.setTimeout(DIAL_MILLISECONDS, () => failed(new Error('i/o timeout')));
    socket.once(backend.tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', failed);
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MILLISECONDS);
      resolve(socket);
    });
  });
}

function tlsOptions({ tls }: Backend): { readonly cert?: string; readonly key?: string; readonly ca?: string; readonly rejectUnauthorized?: boolean; readonly servername?: string } {
  if (!tls) return {};
  return {
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.authority !== undefined ? { ca: tls.authority } : tls.verified ? {} : { rejectUnauthorized: false }),
  };
}

function passedOn(headers: ApiRequest['headers']): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !NOT_PASSED_ON.has(name) && !name.startsWith('x-remote-') && !name.startsWith('impersonate-')) passed[name] = value;
  const protocols = passed['sec-websocket-protocol'];
  if (protocols === undefined) return passed;
  const { ['sec-websocket-protocol']: _, ...others } = passed;
  const kept = withoutToken(protocols);
  return kept === undefined ? others : { ...others, 'sec-websocket-protocol': kept };
}

const authority = ({ host, port }: Backend): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

/** OpenSSL's codes of a certificate that leads to no authority of ours. */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set(['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY']);

function dialError(backend: Backend, error: NodeJS.ErrnoException): Error {
  const why = UNKNOWN_AUTHORITY.has(error.code ?? '') ? 'tls: failed to verify certificate: x509: certificate signed by unknown authority' : error.code === 'ECONNREFUSED' ? 'connect: connection refused' : error.code === 'EHOSTUNREACH' ? 'connect: no route to host' : error.message;
  const whole = `dial tcp ${authority(backend)}: ${why}`;
  return backend.failure?.(whole) ?? internalError(`error dialing backend: ${whole}`);
}

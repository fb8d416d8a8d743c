import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { messageOf } from '../errorText.ts';
import type { ContainerRuntime, ProcessStream } from '../runtime/types.ts';
import { RefusedError } from './access.ts';
import { findPod, networkPid, type PodDirectory, runningContainer } from './containers.ts';
import { podDialer } from './streams/podDialer.ts';
import { PORT_FORWARD_PROTOCOL, servePortForward, TUNNELLED_PORT_FORWARD } from './streams/portForward.ts';
import { type RemoteStreams, serveProcess } from './streams/remoteCommand.ts';
import { SPDY_COMMAND_PROTOCOLS, spdyCommand } from './streams/spdyCommand.ts';
import { webSocketPortForward } from './streams/webSocketPortForward.ts';
import { COMMAND_PROTOCOLS, type CommandStreamOptions, webSocketCommand } from './streams/webSocketCommand.ts';

export interface UpgradeParts {
  readonly pods: PodDirectory;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A request that asks for another protocol, as Node hands it out. */
export interface Upgrade {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** The parts of the path, unescaped. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** exec, attach and port-forward: WebSocket, and SPDY/3.1 for older clients. */
export class Upgrades {
  readonly #parts: UpgradeParts;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 16 << 20 });

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
    // The protocol was taken out of the request, as its name may hold what ws does not accept.
    this.#server.on('headers', (headers, request) => {
      const protocol = CHOSEN.get(request);
      if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
    });
  }

  /** Serves the connection to its end. Throws a `RefusedError` before anything was sent. */
  async serve(upgrade: Upgrade): Promise<void> {
    const [action = '', namespace = '', name = '', container = ''] = upgrade.path;
    const pod = findPod(this.#parts.pods, namespace, name);
    if (action === 'portForward') return this.#portForward(upgrade, pod);
    if (action !== 'exec' && action !== 'attach') throw new RefusedError(404, '404 page not found');
    const options = streamOptions(upgrade.query);
    const { id } = await runningContainer(this.#parts.runtime, pod, container);
    const streams = await this.#commandStreams(upgrade, options);
    const { runtime, logger } = this.#parts;
    const start = (): Promise<ProcessStream> => (action === 'exec' ? runtime.exec(id, upgrade.query.getAll('command'), options) : runtime.attach(id, options));
    await serveProcess(start, streams, action === 'exec', logger);
  }

  async #commandStreams(upgrade: Upgrade, options: CommandStreamOptions): Promise<RemoteStreams> {
    if (isWebSocket(upgrade.message)) {
      const { socket, protocol } = await this.#accept(upgrade, Object.keys(COMMAND_PROTOCOLS));
      return webSocketCommand(socket, protocol, options);
    }
    const protocol = acceptSpdy(upgrade, SPDY_COMMAND_PROTOCOLS, 'channel.k8s.io');
    return spdyCommand(upgrade.socket, protocol, options, this.#parts.clock, this.#parts.logger);
  }

  async #portForward(upgrade: Upgrade, pod: ReturnType<typeof findPod>): Promise<void> {
    const { runtime, logger } = this.#parts;
    const { uid, name } = pod.metadata;
    const target = { dialer: podDialer(await networkPid(runtime, pod), logger), pod: name, uid, logger };
    if (!isWebSocket(upgrade.message)) {
      acceptSpdy(upgrade, [PORT_FORWARD_PROTOCOL], PORT_FORWARD_PROTOCOL);
      return servePortForward(upgrade.socket, target);
    }
    const { socket, protocol } = await this.#accept(upgrade, [TUNNELLED_PORT_FORWARD, 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io']);
    if (protocol === TUNNELLED_PORT_FORWARD) return servePortForward(createWebSocketStream(socket), target);
    return webSocketPortForward(socket, protocol === 'v4.base64.channel.k8s.io', upgrade.query.getAll('ports').flatMap((ports) => ports.split(',')).map(Number), target);
  }

  /** Completes a WebSocket's handshake with the first of the client's protocols that is served. */
  async #accept({ message, socket, head }: Upgrade, served: readonly string[]): Promise<{ readonly socket: WebSocket; readonly protocol: string }> {
    const offered = (message.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const protocol = offered.find((each) => served.includes(each));
    if (protocol === undefined) throw new RefusedError(400, `unsupported protocols in Sec-WebSocket-Protocol: [${offered.join(' ')}]; supported: [${served.join(' ')}]`);
    delete message.headers['sec-websocket-protocol'];
    CHOSEN.set(message, protocol);
    return new Promise((resolve) => this.#server.handleUpgrade(message, socket, head, (accepted) => resolve({ socket: accepted, protocol })));
  }
}

const CHOSEN = new WeakMap<IncomingMessage, string>();

function isWebSocket(message: IncomingMessage): boolean {
  return (message.headers.upgrade ?? '').toLowerCase() === 'websocket';
}

/** Answers a request for SPDY/3.1; resolves to the version of the protocol spoken in it (`httpstream.Handshake`). */
function acceptSpdy({ message, socket, head }: Upgrade, served: readonly string[], fallback: string): string {
  const wanted = (message.headers.upgrade ?? '').toLowerCase();
  if (wanted !== 'spdy/3.1') throw new RefusedError(400, `unable to upgrade: missing upgrade headers in request: ${messageOf(message.headers.upgrade ?? '')}`);
  const header = message.headers['x-stream-protocol-version'];
  const offered = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((each) => each.trim()).filter((each) => each !== '');
  const protocol = offered.length === 0 ? fallback : offered.find((each) => served.includes(each));
  if (protocol === undefined) throw new RefusedError(403, `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${served.join(' ')}]`);
  if (head.length > 0) socket.unshift(head);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`);
  return protocol;
}

/** The kubelet's own names of the parameters, and those of the API. */
export function streamOptions(query: URLSearchParams): CommandStreamOptions {
  const flag = (...names: readonly string[]): boolean => names.some((name) => ['1', 'true'].includes((query.get(name) ?? '').toLowerCase()));
  const options = { stdin: flag('input', 'stdin'), stdout: flag('output', 'stdout'), stderr: flag('error', 'stderr'), tty: flag('tty') };
  if (!options.stdin && !options.stdout && !options.stderr) throw new RefusedError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  return options;
}

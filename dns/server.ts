import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { Answer } from 'dns-packet';
import type { Logger } from '../process/log.ts';
import { aliasQuery, answersIn, isTruncated, type Question, readQuestion, TTL_SECONDS, writeAnswer, writeFailure } from './answer.ts';
import { type ClusterNames, type DnsRecord, resolve, type Resolution } from './records.ts';
import { framed, type Upstream } from './upstream.ts';

const SERVFAIL = 2;
/** Aliases that lead to aliases are followed so many times. */
const MOST_ALIASES = 8;
const MAXIMUM_TCP_BYTES = 65_535;
/** A connection that says nothing for this long is closed, in milliseconds. */
const TCP_IDLE_MILLISECONDS = 10_000;

export interface DnsServerOptions {
  readonly address: string;
  readonly port: number;
  readonly domain: string;
  readonly cluster: ClusterNames;
  /** Whether `cluster` is complete; before that no name of the cluster is said not to exist. */
  readonly isReady: () => boolean;
  readonly upstream: Upstream;
  readonly logger: Logger;
}

/** Answers by UDP and TCP on one port. */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #udp: Socket = createSocket('udp4');
  readonly #tcp: Server;
  readonly #connections = new Set<TcpSocket>();
  #closed = false;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#tcp = createServer((socket) => this.#serveConnection(socket));
  }

  /** Rejects when the port cannot be had. */
  async listen(): Promise<void> {
    const { address, port, logger } = this.#options;
    await new Promise<void>((listening, reject) => {
      this.#udp.once('error', reject);
      this.#udp.bind(port, address, () => listening(this.#udp.off('error', reject) && undefined));
    });
    this.#udp.on('error', (error) => logger.error('udp socket', { error }));
    this.#udp.on('message', (query, from) => {
      void this.#answer(query, false).then((reply) => {
        // Port 0 is nobody's, and nothing can be sent after the end.
        if (reply && from.port !== 0 && !this.#closed) this.#udp.send(reply, from.port, from.address, (error) => error && logger.debug('an answer that cannot be sent', { error }));
      });
    });
    await new Promise<void>((listening, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen(port, address, () => listening(this.#tcp.off('error', reject) && undefined));
    });
  }

  close(): void {
    this.#closed = true;
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#connections) socket.destroy();
  }

  /** Undefined for what is no question at all: it gets no answer. Never rejects. */
  async #answer(query: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    const { domain, cluster, isReady, upstream, logger } = this.#options;
    try {
      const question = readQuestion(query);
      if (question === undefined) return undefined;
      const resolution = resolve(question.name, domain, cluster);
      if (resolution.kind === 'elsewhere') return (await upstream.ask(query, overTcp)) ?? writeFailure(question, SERVFAIL);
      if (!isReady()) return writeFailure(question, SERVFAIL);
      const beyond = await this.#follow(question, resolution);
      return writeAnswer(question, resolution, domain, overTcp ? MAXIMUM_TCP_BYTES : question.udpBytes, beyond);
    } catch (error) {
      logger.debug('a query that cannot be read', { error });
      return undefined;
    }
  }

  /** The records that an alias leads to: the resolvers of C libraries do not ask again for them. */
  async #follow(question: Question, resolution: Resolution): Promise<readonly Answer[]> {
    const { domain, cluster, upstream } = this.#options;
    const found: Answer[] = [];
    let alias = question.type === 'CNAME' ? undefined : aliasIn(resolution);
    for (let count = 0; alias !== undefined && count < MOST_ALIASES; count += 1) {
      const next = resolve(alias.toLowerCase().replace(/\.$/, ''), domain, cluster);
      if (next.kind === 'elsewhere') {
        const query = aliasQuery(question, alias);
        const answer = await upstream.ask(query, false);
        const whole = answer && isTruncated(answer) ? await upstream.ask(query, true) : answer;
        return [...found, ...(whole ? answersIn(whole) : [])];
      }
      const records = next.kind === 'records' ? next.records.filter(({ type }) => type === question.type || type === 'CNAME') : [];
      found.push(...records.map((record): Answer => ({ ...record, ttl: TTL_SECONDS, class: 'IN' })));
      alias = aliasIn(next);
    }
    return found;
  }

  #serveConnection(socket: TcpSocket): void {
    this.#connections.add(socket);
    socket.setTimeout(TCP_IDLE_MILLISECONDS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const query = received.subarray(2, end);
        received = received.subarray(end);
        void this.#answer(query, true).then((reply) => (reply && !socket.destroyed ? socket.write(framed(reply)) : socket.destroy()));
      }
    });
  }
}

function aliasIn(resolution: Resolution): string | undefined {
  return resolution.kind === 'records' ? resolution.records.find((record): record is DnsRecord & { readonly type: 'CNAME' } => record.type === 'CNAME')?.data : undefined;
}

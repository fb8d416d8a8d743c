import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import type { Clock } from '../process/clock.ts';

/** How long one upstream server is waited for, in milliseconds. */
const TIMEOUT_MILLISECONDS = 2000;

interface Waiting {
  readonly originalId: number;
  readonly resolve: (answer: Buffer | undefined) => void;
}

/** Forwards whole queries to the host's own name servers, one after the other until one answers. */
export class Upstream {
  readonly #servers: readonly string[];
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();

  /** `servers` are IPv4 addresses. */
  constructor(servers: readonly string[], clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
    this.#socket = createSocket('udp4');
    this.#socket.on('message', (message, from) => this.#receive(message, from.address, from.port));
    // A refused datagram (ICMP) shows here; its question simply times out.
    this.#socket.on('error', () => undefined);
    this.#socket.unref();
  }

  /** The answer's bytes, or undefined when no server answers. */
  async ask(query: Buffer, overTcp: boolean): Promise<Buffer | undefined> {
    for (const server of this.#servers) {
      const answer = overTcp ? await this.#askTcp(server, query) : await this.#askUdp(server, query);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  close(): void {
    this.#socket.close();
  }

  #askUdp(server: string, query: Buffer): Promise<Buffer | undefined> {
    const id = this.#freeId();
    if (id === undefined) return Promise.resolve(undefined);
    const forwarded = Buffer.from(query);
    forwarded.writeUInt16BE(id, 0);
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => finish(undefined), TIMEOUT_MILLISECONDS);
      const finish = (answer: Buffer | undefined): void => {
        timer.cancel();
        this.#waiting.delete(id);
        resolve(answer);
      };
      this.#waiting.set(id, { originalId: query.readUInt16BE(0), resolve: finish });
      this.#socket.send(forwarded, 53, server, (error) => {
        if (error) finish(undefined);
      });
    });
  }

  #receive(message: Buffer, from: string, port: number): void {
    if (message.length < 12 || port !== 53 || !this.#servers.includes(from)) return;
    const waiting = this.#waiting.get(message.readUInt16BE(0));
    if (waiting === undefined) return;
    const answer = Buffer.from(message);
    answer.writeUInt16BE(waiting.originalId, 0);
    waiting.resolve(answer);
  }

  /** At random, so that nobody can answer in the server's place without having seen the question. */
  #freeId(): number | undefined {
    for (let tries = 0; tries < 1000; tries += 1) {
      const id = randomInt(65_536);
      if (!this.#waiting.has(id)) return id;
    }
    return undefined;
  }

  #askTcp(server: string, query: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host: server, port: 53 });
      let received = Buffer.alloc(0);
      const finish = (answer: Buffer | undefined): void => {
        timer.cancel();
        socket.destroy();
        resolve(answer);
      };
      const timer = this.#clock.setTimeout(() => finish(undefined), TIMEOUT_MILLISECONDS);
      socket.on('error', () => finish(undefined));
      socket.on('close', () => finish(undefined));
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) finish(received.subarray(2, 2 + received.readUInt16BE(0)));
      });
      socket.write(framed(query));
    });
  }
}

/** DNS over TCP: two bytes of length before each message. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length, 0);
  return Buffer.concat([length, message]);
}

/** The IPv4 servers of a resolv.conf, without those that would ask us again. */
export function nameServers(resolvConf: string, ourAddresses: readonly string[]): string[] {
  return [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!).filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address) && !ourAddresses.includes(address));
}

import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { writeAtTurnEnd } from '../turnEnd.ts';
import { contentOf, ErrorCode, FIRST_WINDOW, Flag, frame, FRAME_LIMIT, FrameReader, FrameType, HEAD_BYTES, numberFrame, PREFACE, ProtocolError, Setting, settingsFrame, WINDOW_LIMIT, writeHead } from './frames.ts';
import { decodeFields, HpackError, type Fields } from './hpack.ts';

/** What an exchange brings, in order. */
export interface ExchangeEvents {
  /** The head of the answer, and what stands behind its body. */
  fields(fields: Fields): void;
  data(chunk: Buffer): void;
  /** Called once; nothing follows. Without an error the peer has said all that it had to say. `sent` is false where it can not have seen the request. */
  closed(error: Error | undefined, sent: boolean): void;
}

/** A request and its answer. */
export interface Exchange {
  /** Ends it; the peer is told. */
  cancel(): void;
  /** While held, the peer may send no more than `WINDOW` bytes that were not asked for. */
  hold(held: boolean): void;
}

export interface ConnectionEvents {
  /** No further exchange may be opened here; those under way go on. */
  retiring(): void;
  /** Called once, before the exchanges that end with it are told. */
  closed(): void;
}

/** How much the peer may send ahead on one exchange; twice that on all of them together. */
export const WINDOW = 8 * 1024 * 1024;
const CONNECTION_WINDOW = WINDOW * 2;
/** The fields of one answer, in bytes. */
const FIELDS_LIMIT = 65_536;
/** A connection has no more numbers for exchanges then. */
const LAST_STREAM = 2 ** 31 - 1;

interface OpenExchange {
  /** 0: it was not begun, and the peer has seen nothing of it. */
  id: number;
  readonly head: Buffer;
  readonly events: ExchangeEvents;
  /** Whether the request ends with its message. */
  readonly isWhole: boolean;
  /** Of the message, what the peer's windows have not let through yet. */
  unsent: Buffer;
  /** What the peer still takes; in sum with what it has added since. */
  window: number;
  /** Received, and not yet given back to the peer's window. */
  received: number;
  held: boolean;
}

/**
 * The client's end of an HTTP/2 connection (RFC 9113), for requests of one message: a request is one write, and an answer costs no more than to cut it
 * out of what was read. In place of Node's, which makes a stream with its buffers, events and native objects of every exchange.
 * 1. What several callers send in one turn of the event loop goes out in one write.
 * 2. Nothing is sent beyond the peer's windows and number of exchanges; what has to wait is sent as soon as it may.
 * 3. Whatever the peer does that is no HTTP/2 ends the connection, and each exchange with an error.
 */
export class Http2Connection {
  readonly #socket: Duplex;
  readonly #events: ConnectionEvents;
  readonly #frames = new FrameReader();
  readonly #open = new Map<number, OpenExchange>();
  /** Not begun, in order: the peer has not said yet how much it takes, or takes no more at a time. */
  readonly #waiting = new Set<OpenExchange>();
  /** Begun, with a message that does not fit into the peer's windows. */
  readonly #stalled = new Set<OpenExchange>();
  readonly #blocks = new KnownBlocks();
  #nextId: number;
  #outgoing: Buffer[] = [];
  #connected = false;
  #retired = false;
  #closed = false;
  /** What the peer has said of itself. Before it has said anything nothing is sent: what is cancelled by then never leaves. */
  #peer = { window: FIRST_WINDOW, frame: FRAME_LIMIT, exchanges: 0 };
  #window = FIRST_WINDOW;
  #received = 0;
  /** The beginning of a block of fields whose end is still to come. */
  #partial: { readonly id: number; readonly flags: number; readonly parts: Buffer[]; size: number } | undefined;
  readonly #pings: (() => void)[] = [];

  /** A socket that is connecting. `firstId` is the odd number of the first exchange. */
  constructor(socket: Duplex, events: ConnectionEvents, firstId = 1) {
    this.#socket = socket;
    this.#events = events;
    this.#nextId = firstId;
    socket.once('secureConnect', () => {
      if ((socket as TLSSocket).alpnProtocol !== 'h2') this.destroy(new Error('the server does not speak HTTP/2'));
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    this.#write(PREFACE);
    this.#write(settingsFrame([[Setting.headerTableSize, 0], [Setting.enablePush, 0], [Setting.initialWindowSize, WINDOW]]));
    this.#write(numberFrame(FrameType.windowUpdate, 0, CONNECTION_WINDOW - FIRST_WINDOW));
  }

  /** Whether the peer has said what it takes; it does so unasked. */
  get isConnected(): boolean {
    return this.#connected;
  }

  /** Exchanges that have not ended. */
  get size(): number {
    return this.#open.size + this.#waiting.size;
  }

  /** Begins an exchange: a block of fields (`encodeFields`), which may be used again, and a message. Not to be called after `retiring` or `closed`. */
  open(head: Buffer, message: Buffer, isWhole: boolean, events: ExchangeEvents): Exchange {
    const exchange: OpenExchange = { id: 0, head, events, isWhole, unsent: message, window: 0, received: 0, held: false };
    if (this.#waiting.size === 0 && this.#open.size < this.#peer.exchanges) this.#begin(exchange);
    else this.#waiting.add(exchange);
    return { cancel: () => this.#cancel(exchange), hold: (held) => this.#hold(exchange, held) };
  }

  /** Asks the peer for a sign of life. */
  ping(answered: () => void): void {
    this.#pings.push(answered);
    this.#write(frame(FrameType.ping, 0, 0, Buffer.alloc(8)));
  }

  /** Ends everything. */
  destroy(error = new Error('the connection was closed')): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retired = true;
    this.#outgoing = [];
    this.#socket.destroy();
    this.#events.closed();
    const ended = [...this.#open.values(), ...this.#waiting];
    this.#open.clear();
    this.#waiting.clear();
    this.#stalled.clear();
    for (const { events, id } of ended) events.closed(error, id > 0);
  }

  #begin(exchange: OpenExchange): void {
    const id = this.#nextId;
    this.#nextId += 2;
    exchange.id = id;
    exchange.window = this.#peer.window;
    this.#open.set(id, exchange);
    const { head, unsent } = exchange;
    const fits = unsent.length <= Math.min(this.#window, exchange.window, this.#peer.frame);
    const whole = Buffer.allocUnsafe(HEAD_BYTES + head.length + (fits ? HEAD_BYTES + unsent.length : 0));
    const after = writeHead(whole, 0, head.length, FrameType.headers, Flag.endHeaders, id) + head.length;
    whole.set(head, HEAD_BYTES);
    if (fits) {
      whole.set(unsent, writeHead(whole, after, unsent.length, FrameType.data, exchange.isWhole ? Flag.endStream : 0, id));
      this.#window -= unsent.length;
      exchange.window -= unsent.length;
      exchange.unsent = NOTHING;
    }
    this.#write(whole);
    if (!fits) {
      this.#stalled.add(exchange);
      this.#sendStalled();
    }
    if (this.#nextId > LAST_STREAM) this.#retire();
  }

  /** Sends of the messages that wait as much as the windows allow. */
  #sendStalled(): void {
    for (const exchange of this.#stalled) {
      while (exchange.unsent.length > 0) {
        const size = Math.min(exchange.unsent.length, this.#peer.frame, this.#window, exchange.window);
        if (size <= 0) break;
        const piece = exchange.unsent.subarray(0, size);
        exchange.unsent = exchange.unsent.subarray(size);
        this.#window -= size;
        exchange.window -= size;
        this.#write(frame(FrameType.data, exchange.isWhole && exchange.unsent.length === 0 ? Flag.endStream : 0, exchange.id, piece));
      }
      if (exchange.unsent.length === 0) this.#stalled.delete(exchange);
      if (this.#window <= 0) return;
    }
  }

  #cancel(exchange: OpenExchange): void {
    if (!this.#waiting.has(exchange) && this.#open.get(exchange.id) !== exchange) return;
    if (exchange.id > 0) this.#write(numberFrame(FrameType.resetStream, exchange.id, ErrorCode.cancel));
    this.#end(exchange, new Error('cancelled'));
  }

  #hold(exchange: OpenExchange, held: boolean): void {
    exchange.held = held;
    if (!held && this.#open.get(exchange.id) === exchange) this.#giveBack(exchange);
  }

  /** Lets the peer send more on an exchange, once it is worth a frame. */
  #giveBack(exchange: OpenExchange): void {
    if (exchange.held || exchange.received < WINDOW / 2) return;
    this.#write(numberFrame(FrameType.windowUpdate, exchange.id, exchange.received));
    exchange.received = 0;
  }

  #end(exchange: OpenExchange, error?: Error): void {
    this.#open.delete(exchange.id);
    this.#waiting.delete(exchange);
    this.#stalled.delete(exchange);
    exchange.events.closed(error, exchange.id > 0);
    this.#beginWaiting();
    if (this.#retired && this.size === 0) this.destroy();
  }

  #beginWaiting(): void {
    for (const next of this.#waiting) {
      if (this.#retired || this.#open.size >= this.#peer.exchanges) return;
      this.#waiting.delete(next);
      this.#begin(next);
    }
  }

  /** Takes no more exchanges; what was not begun never will be. */
  #retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#events.retiring();
    for (const exchange of this.#waiting) this.#end(exchange, new Error('the connection takes no more requests'));
  }

  #write(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#outgoing.length === 0) writeAtTurnEnd(() => this.#flush());
    this.#outgoing.push(bytes);
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    if (outgoing.length === 0) return;
    this.#outgoing = [];
    this.#socket.write(outgoing.length === 1 ? outgoing[0]! : Buffer.concat(outgoing));
  }

  #take(chunk: Buffer): void {
    try {
      this.#frames.take(chunk, (type, flags, id, payload) => {
        if (!this.#closed) this.#handle(type, flags, id, payload);
      });
    } catch (error) {
      if (!(error instanceof ProtocolError) && !(error instanceof HpackError)) throw error;
      this.destroy(error);
    }
  }

  #handle(type: number, flags: number, id: number, payload: Buffer): void {
    if (this.#partial && (type !== FrameType.continuation || id !== this.#partial.id)) throw new ProtocolError('a block of fields is interrupted');
    switch (type) {
      case FrameType.data:
        return this.#data(flags, id, payload);
      case FrameType.headers:
        this.#partial = { id, flags, parts: [], size: 0 };
        return this.#fields(flags, contentOf(flags, payload, true));
      case FrameType.continuation:
        return this.#fields(flags, payload);
      case FrameType.resetStream: {
        const exchange = this.#open.get(id);
        if (exchange) this.#end(exchange, new Error(`the stream was reset (${number(payload, 0)})`));
        return;
      }
      case FrameType.settings:
        return this.#settings(flags, payload);
      case FrameType.ping:
        if (flags & Flag.ack) return this.#pings.shift()?.();
        return this.#write(frame(FrameType.ping, Flag.ack, 0, payload));
      case FrameType.goAway:
        return this.#goAway(payload);
      case FrameType.windowUpdate:
        return this.#windowUpdate(id, number(payload, 0) & WINDOW_LIMIT);
      case FrameType.pushPromise:
        throw new ProtocolError('a push that was not allowed');
      default:
        // Frames of other kinds mean nothing to us.
        return;
    }
  }

  #data(flags: number, id: number, payload: Buffer): void {
    this.#received += payload.length;
    if (this.#received >= CONNECTION_WINDOW / 2) {
      this.#write(numberFrame(FrameType.windowUpdate, 0, this.#received));
      this.#received = 0;
    }
    const exchange = this.#open.get(id);
    // What it still sends of one that was cancelled.
    if (!exchange) return;
    exchange.received += payload.length;
    if (exchange.received > WINDOW) throw new ProtocolError('more data than the window allows');
    const content = contentOf(flags, payload, false);
    if (content.length > 0) exchange.events.data(content);
    if (flags & Flag.endStream) this.#answered(exchange);
    else if (this.#open.get(id) === exchange) this.#giveBack(exchange);
  }

  #fields(flags: number, block: Buffer): void {
    const partial = this.#partial;
    if (!partial) throw new ProtocolError('the end of a block of fields that has no beginning');
    partial.parts.push(block);
    partial.size += block.length;
    if (partial.size > FIELDS_LIMIT) throw new ProtocolError('too many fields');
    if (!(flags & Flag.endHeaders)) return;
    this.#partial = undefined;
    const fields = this.#blocks.decode(partial.parts.length === 1 ? block : Buffer.concat(partial.parts));
    const exchange = this.#open.get(partial.id);
    if (!exchange) return;
    exchange.events.fields(fields);
    if (partial.flags & Flag.endStream) this.#answered(exchange);
  }

  /** The peer has said everything; one that has more to hear is told that it need not. */
  #answered(exchange: OpenExchange): void {
    if (this.#open.get(exchange.id) !== exchange) return;
    if (!exchange.isWhole || exchange.unsent.length > 0) this.#write(numberFrame(FrameType.resetStream, exchange.id, ErrorCode.cancel));
    this.#end(exchange);
  }

  #settings(flags: number, payload: Buffer): void {
    if (flags & Flag.ack) return;
    if (!this.#connected) {
      this.#connected = true;
      this.#peer.exchanges = Number.POSITIVE_INFINITY;
    }
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      switch (payload.readUInt16BE(at)) {
        case Setting.maxConcurrentStreams:
          this.#peer.exchanges = value;
          break;
        case Setting.initialWindowSize:
          if (value > WINDOW_LIMIT) throw new ProtocolError('too large a window');
          for (const exchange of this.#open.values()) exchange.window += value - this.#peer.window;
          this.#peer.window = value;
          break;
        case Setting.maxFrameSize:
          this.#peer.frame = Math.max(FRAME_LIMIT, value);
          break;
        default:
          // Our requests use no table, and nothing else concerns us.
          break;
      }
    }
    this.#write(frame(FrameType.settings, Flag.ack, 0, NOTHING));
    this.#sendStalled();
    this.#beginWaiting();
  }

  #windowUpdate(id: number, more: number): void {
    if (id === 0) this.#window += more;
    const exchange = this.#open.get(id);
    if (exchange) exchange.window += more;
    if (this.#window > WINDOW_LIMIT || (exchange && exchange.window > WINDOW_LIMIT)) throw new ProtocolError('too large a window');
    if (this.#stalled.size > 0) this.#sendStalled();
  }

  /** The peer winds the connection up: what it has not begun it never will. */
  #goAway(payload: Buffer): void {
    const last = number(payload, 0) & WINDOW_LIMIT;
    this.#retire();
    for (const exchange of this.#open.values()) if (exchange.id > last) this.#end(exchange, new Error('the connection is being wound up'));
    if (this.size === 0) this.destroy();
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

function number(payload: Buffer, at: number): number {
  if (payload.length < at + 4) throw new ProtocolError('a frame is too short');
  return payload.readUInt32BE(at);
}

/** Nearly all answers have one of two blocks of fields, a head and an end: they are decoded once. */
class KnownBlocks {
  #known: { readonly block: Buffer; readonly fields: Fields }[] = [];

  decode(block: Buffer): Fields {
    for (const known of this.#known) if (known.block.equals(block)) return known.fields;
    const fields = decodeFields(block);
    this.#known = [{ block: Buffer.from(block), fields }, ...this.#known].slice(0, 2);
    return fields;
  }
}

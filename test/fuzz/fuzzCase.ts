/** One request of a case. Everything is plain data, so that a case can be printed, made smaller and sent again. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON data; a string is sent as it is, each character a byte. */
  readonly body?: unknown;
  /** How JSON data are sent; without it as JSON. What has no protobuf form is sent as JSON. */
  readonly form?: 'yaml' | 'protobuf';
}

/** Bytes on a connection of their own, each character a byte, in these pieces. */
export interface RawCall {
  readonly socket: readonly string[];
  /** What is agreed upon by ALPN; without it HTTP/1.1. */
  readonly protocol?: 'h2';
}

/** What a webhook or an extension server answers: its body as it is, or JSON data. */
export interface Reply {
  readonly status?: number;
  readonly body: unknown;
}

export interface FuzzCase {
  readonly calls: readonly (Call | RawCall)[];
  /** Answers of the servers outside, by the first part of the path that is asked; every `https://REPLY` in a body is their address. */
  readonly replies?: Readonly<Record<string, Reply>>;
}

/** A promise that was not kept. */
export interface Finding {
  /** The process ended; an answer was a 500 or none; the event loop stood still; something outside waited too long; an object cannot be read, changed or deleted. */
  readonly kind: 'ended' | 'failed' | 'stalled' | 'slow' | 'stuck';
  /** The same for the same fault: without names and numbers. */
  readonly sign: string;
  readonly what: string;
}

/** Whether it is about how long something took, which depends on more than the input. */
export const isOfTime = ({ kind }: Finding): boolean => kind === 'stalled' || kind === 'slow';

/** `detail` is shown only. */
export function finding(kind: Finding['kind'], sign: string, detail: string): Finding {
  return { kind, sign: sign.replace(/\d+/g, '#').replace(/\\?"(?:[^"\\]|\\.)*\\?"/g, '""').slice(0, 200), what: `${sign}: ${detail.slice(0, 1_500)}` };
}

export const isRaw = (call: Call | RawCall): call is RawCall => 'socket' in call;

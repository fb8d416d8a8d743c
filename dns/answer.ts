import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { DnsRecord, Resolution } from './records.ts';

/** Seconds that answers about the cluster may be remembered (CoreDNS' default in clusters). */
export const TTL_SECONDS = 30;
const NXDOMAIN = 3;
/** Without EDNS a UDP answer has at most this many bytes. */
const PLAIN_UDP_BYTES = 512;
/** No datagram is larger: it must pass every link, a VXLAN too, in one piece (the DNS flag day's figure). */
const MOST_UDP_BYTES = 1232;

export interface Question {
  readonly id: number;
  readonly flags: number;
  readonly name: string;
  readonly type: string;
  /** How many bytes the asker takes in one datagram. */
  readonly udpBytes: number;
  /** The asker speaks EDNS, and so must the answer (RFC 6891). */
  readonly edns: boolean;
  readonly packet: Packet;
}

/** Reads a query; undefined for anything that is not exactly one ordinary question. Throws on malformed bytes. */
export function readQuestion(bytes: Buffer): Question | undefined {
  const packet = decode(bytes);
  const question = packet.questions?.[0];
  if (packet.type !== 'query' || packet.questions?.length !== 1 || question === undefined) return undefined;
  const option = packet.additionals?.find((record) => record.type === 'OPT');
  const udpBytes = option?.type === 'OPT' ? Math.max(PLAIN_UDP_BYTES, Math.min(option.udpPayloadSize, MOST_UDP_BYTES)) : PLAIN_UDP_BYTES;
  return { id: packet.id ?? 0, flags: packet.flags ?? 0, name: question.name.toLowerCase().replace(/\.$/, ''), type: question.type, udpBytes, edns: option !== undefined, packet };
}

/** The question about another name that an alias leads to. */
export function aliasQuery(question: Question, target: string): Buffer {
  return encode({ type: 'query', id: question.id, flags: RECURSION_DESIRED, questions: [{ ...question.packet.questions![0]!, name: target }] });
}

/** Whether an answer was cut, so that the question should be asked again by TCP. */
export const isTruncated = (bytes: Buffer): boolean => (bytes.readUInt16BE(2) & TRUNCATED_RESPONSE) !== 0;

/** What an upstream server's answer holds; nothing where it cannot be read. */
export function answersIn(bytes: Buffer): readonly Answer[] {
  return decode(bytes).answers ?? [];
}

/**
 * The reply to a question about the cluster's own names. `beyond` are records which complete the chain of aliases. `limit`: bytes that
 * fit; longer answers are cut and marked, the asker comes again by TCP.
 */
export function writeAnswer(question: Question, resolution: Resolution, domain: string, limit: number, beyond: readonly Answer[] = []): Buffer {
  const all = resolution.kind === 'records' ? resolution.records : [];
  // An alias answers every type of question.
  const own = all.filter((record) => record.type === question.type || question.type === 'ANY' || record.type === 'CNAME');
  const answers: Answer[] = [...own.map((record): Answer => ({ ...withOriginalName(record, question), ttl: TTL_SECONDS, class: 'IN' })), ...beyond];
  const reply: Packet = {
    ...replyTo(question, AUTHORITATIVE_ANSWER | (resolution.kind === 'unknown' ? NXDOMAIN : 0)),
    answers,
    authorities: answers.length > 0 ? [] : [authority(domain)],
  };
  const bytes = encode(reply);
  if (bytes.length <= limit) return bytes;
  return encode({ ...reply, flags: (reply.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

/** Some resolvers compare the letters' case of the answer with that of their question. */
function withOriginalName(record: DnsRecord, question: Question): DnsRecord {
  return record.name === question.name ? { ...record, name: question.packet.questions?.[0]?.name ?? record.name } : record;
}

function replyTo(question: Question, flags: number): Packet {
  return {
    type: 'response',
    id: question.id,
    flags: flags | RECURSION_AVAILABLE | (question.flags & RECURSION_DESIRED),
    questions: question.packet.questions ?? [],
    additionals: question.edns ? [{ type: 'OPT', name: '.', udpPayloadSize: MOST_UDP_BYTES, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }] : [],
  };
}

function authority(domain: string): NonNullable<Packet['authorities']>[number] {
  return {
    type: 'SOA',
    name: domain,
    ttl: TTL_SECONDS,
    class: 'IN',
    data: { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: TTL_SECONDS },
  };
}

/** A reply without content, e.g. SERVFAIL (2) when no upstream server answers. */
export function writeFailure(question: Question, code: number): Buffer {
  return encode(replyTo(question, code));
}

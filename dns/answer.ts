import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { DnsRecord, Resolution } from './records.ts';

/** Seconds that answers about the cluster may be remembered (CoreDNS' default in clusters). */
const TTL_SECONDS = 30;
const NXDOMAIN = 3;
/** Without EDNS a UDP answer has at most this many bytes. */
const PLAIN_UDP_BYTES = 512;

export interface Question {
  readonly id: number;
  readonly flags: number;
  readonly name: string;
  readonly type: string;
  /** How many bytes the asker takes in one datagram. */
  readonly udpBytes: number;
  readonly packet: Packet;
}

/** Reads a query; undefined for anything that is not exactly one ordinary question. Throws on malformed bytes. */
export function readQuestion(bytes: Buffer): Question | undefined {
  const packet = decode(bytes);
  const question = packet.questions?.[0];
  if (packet.type !== 'query' || packet.questions?.length !== 1 || question === undefined) return undefined;
  const option = packet.additionals?.find((record) => record.type === 'OPT');
  const udpBytes = option?.type === 'OPT' ? Math.max(PLAIN_UDP_BYTES, Math.min(option.udpPayloadSize, 4096)) : PLAIN_UDP_BYTES;
  return { id: packet.id ?? 0, flags: packet.flags ?? 0, name: question.name.toLowerCase().replace(/\.$/, ''), type: question.type, udpBytes, packet };
}

/** The reply to a question about the cluster's own names. `limit`: bytes that fit; longer answers are cut and marked, the asker comes again by TCP. */
export function writeAnswer(question: Question, resolution: Resolution, domain: string, limit: number): Buffer {
  const all = resolution.kind === 'records' ? resolution.records : [];
  // An alias answers every type of question; the asker follows it.
  const answers = all.filter((record) => record.type === question.type || question.type === 'ANY' || record.type === 'CNAME');
  const reply: Packet = {
    type: 'response',
    id: question.id,
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (question.flags & RECURSION_DESIRED) | (resolution.kind === 'unknown' ? NXDOMAIN : 0),
    questions: question.packet.questions ?? [],
    answers: answers.map((record) => ({ ...withOriginalName(record, question), ttl: TTL_SECONDS, class: 'IN' })),
    authorities: answers.length > 0 ? [] : [authority(domain)],
  };
  const bytes = encode(reply);
  if (bytes.length <= limit) return bytes;
  return encode({ ...reply, flags: (reply.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

/** Some resolvers compare the letters' case of the answer with that of their question. */
function withOriginalName(record: DnsRecord, question: Question): DnsRecord {
  return { ...record, name: question.packet.questions?.[0]?.name ?? record.name };
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
  return encode({ type: 'response', id: question.id, flags: RECURSION_AVAILABLE | (question.flags & RECURSION_DESIRED) | code, questions: question.packet.questions ?? [] });
}

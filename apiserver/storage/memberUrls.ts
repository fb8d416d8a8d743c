import protobuf from 'protobufjs/minimal.js';
import { fields } from './etcdMessages.ts';

/** A member of the etcd cluster, as `MemberList` tells of it. */
export interface EtcdMemberInfo {
  readonly clientUrls: readonly string[];
  /** It takes no part yet, and answers no requests. */
  readonly isLearner: boolean;
}

/** `MemberListRequest`; etcd before 3.5 knows no `linearizable`, and answers from what the asked member knows. */
export function encodeMemberList(): Uint8Array {
  return protobuf.Writer.create().uint32(8).bool(true).finish();
}

export function decodeMemberList(message: Uint8Array): EtcdMemberInfo[] {
  const reader = protobuf.Reader.create(message);
  const members: EtcdMemberInfo[] = [];
  fields(reader, reader.len, (field) => {
    if (field !== 2) return false;
    const length = reader.uint32();
    members.push(decodeMember(reader, reader.pos + length));
    return true;
  });
  return members;
}

function decodeMember(reader: protobuf.Reader, end: number): EtcdMemberInfo {
  const clientUrls: string[] = [];
  const member = { clientUrls, isLearner: false };
  fields(reader, end, (field) => {
    if (field === 4) clientUrls.push(reader.string());
    else if (field === 5) member.isLearner = reader.bool();
    else return false;
    return true;
  });
  return member;
}

const isLoopback = (url: string): boolean => /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(url);

/**
 * Where the members can be reached from here. A member that has not started yet has no URL. Loopback means this machine: it is only believed
 * where every URL of every member is of that sort, or where it was given to us.
 */
export function memberUrls(seeds: readonly string[], members: readonly EtcdMemberInfo[]): readonly string[] {
  const told = members.filter(({ isLearner }) => !isLearner).map(({ clientUrls }) => clientUrls.map(plain));
  const isAllLoopback = told.flat().every(isLoopback);
  const schemes = new Set(seeds.map((seed) => seed.split(':', 1)[0]));
  const given = new Set(seeds.map(plain));
  const usable = told.flatMap((urls) => {
    const spoken = urls.filter((url) => schemes.has(url.split(':', 1)[0]));
    return spoken.find((url) => !isLoopback(url)) ?? spoken.find((url) => isAllLoopback || given.has(url)) ?? [];
  });
  return [...new Set(usable)];
}

const plain = (url: string): string => url.replace(/\/+$/, '');

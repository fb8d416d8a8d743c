import type { Fault } from './faults.ts';

/** What takes a member of etcd away for as long as it lasts: two of these can take the majority, and then no write is promised until one is healed. */
const MEMBER_FAULTS = ['SIGSTOP of etcd', 'a control plane cut off from etcd', '50 % packet loss at one control plane', 'a full disk under etcd', "loss of etcd's majority", "loss of one etcd member's disk, and its replacement"] as const;

/** When a fault is brought about, among two: what needs an etcd that answers to find its target or to be healed comes first, and is healed last; what takes a machine away comes last. */
const FIRST = ["loss of one etcd member's disk, and its replacement", "kill -9 of etcd's leader"] as const;
const LAST = ["a node's power cut"] as const;

const among = (names: readonly string[], { name }: Fault): boolean => names.includes(name);
const rank = (fault: Fault): number => (among(FIRST, fault) ? FIRST.findIndex((name) => name === fault.name) : among(LAST, fault) ? FIRST.length + 1 : FIRST.length);

/** Pairs of different faults, each pair at most once until all have been given; the same for the same numbers. In order of injection. */
export function pairs(faults: readonly Fault[], count: number, random: () => number): (readonly [Fault, Fault])[] {
  const all = faults.flatMap((one, at) => faults.slice(at + 1).map((other): readonly [Fault, Fault] => together(one, other)));
  const left: (readonly [Fault, Fault])[] = [];
  return Array.from({ length: all.length === 0 ? 0 : count }, () => {
    if (left.length === 0) left.push(...all);
    return left.splice(Math.floor(random() * left.length), 1)[0]!;
  });
}

/** Two faults as they are when they happen together. */
export function together(one: Fault, other: Fault): readonly [Fault, Fault] {
  const [first, second] = [one, other].toSorted((a, b) => rank(a) - rank(b)) as [Fault, Fault];
  const majorityInDanger = among(MEMBER_FAULTS, one) && among(MEMBER_FAULTS, other);
  return majorityInDanger ? [withoutWrites(first), withoutWrites(second)] : [first, second];
}

const withoutWrites = (fault: Fault): Fault => ({ ...fault, writable: false, promise: 'nothing that was acknowledged is lost; all recovers when they are healed' });

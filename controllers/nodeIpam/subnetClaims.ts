import type { V1Node } from '../../api/generated/types.ts';
import { freeSubnet, subnetsOf } from './subnets.ts';

/** Which node has which subnet: the data of a ConfigMap, `10.244.1.0-24` to `<name> <uid>` (a key may hold no slash). */
export type SubnetClaims = Readonly<Record<string, string>>;

const keyOf = (subnet: string): string => subnet.replace('/', '-');
const subnetOf = (key: string): string => key.replace('-', '/');
const holderOf = ({ metadata }: V1Node): string => `${metadata.name} ${metadata.uid}`;
const isV4 = (subnet: string): boolean => !subnet.includes(':');

/** The names of nodes that have claims, and are not among these nodes: it has to be asked whether they are really gone. */
export function missingHolders(claims: SubnetClaims, nodes: readonly V1Node[]): readonly string[] {
  const present = new Set(nodes.map(holderOf));
  return Object.values(claims).filter((holder) => !present.has(holder)).map((holder) => holder.split(' ')[0]!);
}

/** The subnet for a node, and the claims with it; undefined when the range is exhausted. `nodes` are all that there are, besides those that only have claims. */
export function claimSubnet(claims: SubnetClaims, node: V1Node, nodes: readonly V1Node[], range: string, prefixLength: number): { readonly subnet: string; readonly claims: SubnetClaims } | undefined {
  const alive = new Set(nodes.map(holderOf));
  const kept = Object.fromEntries(Object.entries(claims).filter(([, holder]) => alive.has(holder)));
  // Those that carry one without a claim: given by hand, or by a version that made no claims.
  for (const each of nodes) for (const subnet of subnetsOf(each).filter(isV4)) kept[keyOf(subnet)] ??= holderOf(each);
  const own = Object.entries(kept).find(([, holder]) => holder === holderOf(node));
  const subnet = own ? subnetOf(own[0]) : freeSubnet(range, prefixLength, Object.keys(kept).map(subnetOf));
  return subnet === undefined ? undefined : { subnet, claims: { ...kept, [keyOf(subnet)]: holderOf(node) } };
}

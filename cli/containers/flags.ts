import { type FlagValues, integerFlag, stringFlag } from '../../process/flags.ts';

/** How `up` makes a cluster of containers instead of this machine. */
export const containerFlags = {
  nodes: integerFlag(0, 'make a cluster of so many nodes, each a privileged container of this computer with an engine of its own'),
  'control-planes': integerFlag(1, 'with --nodes: how many of them are control planes with a member of etcd (1, 3 or 5)'),
  'container-network': stringFlag('10.242.0.0/24', "with --nodes: range of the containers' own addresses"),
  'container-port': integerFlag(6443, 'with --nodes: port of this computer on which the API is served, on loopback'),
  'base-image': stringFlag('debian:bookworm-slim', 'with --nodes: what the image of the nodes is made from'),
};
export type ContainerFlags = FlagValues<typeof containerFlags>;

import { chainName } from '../host/chainName.ts';
import type { Protocol } from './servicePorts.ts';

/** Chain that spreads over all endpoints. */
export const clusterChain = (port: string, protocol: Protocol): string => chainName('KUBE-SVC-', port + protocol.toLowerCase());
/** Chain that spreads over this node's endpoints. */
export const localChain = (port: string, protocol: Protocol): string => chainName('KUBE-SVL-', port + protocol.toLowerCase());
/** Chain that traffic from outside enters. */
export const externalChain = (port: string, protocol: Protocol): string => chainName('KUBE-EXT-', port + protocol.toLowerCase());
/** Chain that lets in only the sources that may use a load balancer address. */
export const firewallChain = (port: string, protocol: Protocol): string => chainName('KUBE-FW-', port + protocol.toLowerCase());
/** Chain that sends to one endpoint. */
export const endpointChain = (port: string, protocol: Protocol, endpoint: string): string => chainName('KUBE-SEP-', port + protocol.toLowerCase() + endpoint);

/** Whether it is a chain of one Service, which comes and goes with it. */
export const isServiceChain = (chain: string): boolean => /^KUBE-(SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}$/.test(chain);

/** Whether a chain belongs to the cluster: kube-proxy's and the kubelet's are all named so, and nobody else's. */
export const isClusterChain = (chain: string): boolean => /^(KUBE|GANTRY)-/.test(chain);

import { eventsRule, READ, rule, type DefaultRole } from './rules.ts';

/** Roles of one namespace each, by that namespace. */
export const namespaceRoles: Readonly<Record<string, readonly DefaultRole[]>> = {
  'kube-system': [
    { name: 'extension-apiserver-authentication-reader', rules: [rule(READ, 'core', 'configmaps', 'extension-apiserver-authentication')] },
    { name: 'system:controller:bootstrap-signer', rules: [rule(READ, 'core', 'secrets')] },
    { name: 'system:controller:cloud-provider', rules: [rule('create get list watch', 'core', 'configmaps')] },
    { name: 'system:controller:token-cleaner', rules: [rule('get list watch delete', 'core', 'secrets'), eventsRule()] },
    { name: 'system::leader-locking-kube-controller-manager', rules: [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', 'kube-controller-manager')] },
    { name: 'system::leader-locking-kube-scheduler', rules: [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', 'kube-scheduler')] },
    // Of the cluster's own DNS, which publishes each node's server behind one Service.
    {
      name: 'gantry:dns',
      rules: [rule('create', 'core', 'services'), rule('get create patch update', 'discovery.k8s.io', 'endpointslices')],
    },
    // What a joining machine must know of the cluster, and the keys that a further control plane gets, encrypted by a key that is in no object.
    { name: 'gantry:nodes-config', rules: [rule('get', 'core', 'configmaps', 'gantry-config')] },
    // Which node has which subnet of the pods.
    { name: 'gantry:node-subnets', rules: [rule('create', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', 'gantry-node-subnets')] },
    // Nobody is sent to the DNS of a node that is silent.
    { name: 'gantry:node-dns', rules: [rule('update', 'discovery.k8s.io', 'endpointslices')] },
    { name: 'gantry:shared-certificates', rules: [rule('get', 'core', 'secrets', 'gantry-certs')] },
  ],
  // Before a node is taken for lost, its lease is read once more.
  'kube-node-lease': [{ name: 'gantry:node-lease-reader', rules: [rule('get', 'coordination.k8s.io', 'leases')] }],
  'kube-public': [
    { name: 'kubeadm:bootstrap-signer-clusterinfo', rules: [rule('get', 'core', 'configmaps', 'cluster-info')] },
    { name: 'system:controller:bootstrap-signer', rules: [rule(READ, 'core', 'configmaps'), rule('update', 'core', 'configmaps', 'cluster-info'), eventsRule()] },
  ],
};

import { READ, rule, type DefaultRole } from './rules.ts';

/** What Gantry's own parts need beyond Kubernetes' defaults. */
export const gantryRoles: readonly DefaultRole[] = [
  {
    name: 'gantry:dns',
    rules: [
      rule(READ, 'core', 'services endpoints pods nodes namespaces'),
      rule(READ, 'discovery.k8s.io', 'endpointslices'),
      // Each node's DNS puts itself behind kube-system/kube-dns.
      rule('create', 'core', 'services'),
      rule('create patch', 'discovery.k8s.io', 'endpointslices'),
    ],
  },
  // Of the routes between the nodes' pods, and of each node's list of API servers.
  { name: 'gantry:node-network', rules: [rule(READ, 'core', 'nodes'), rule(READ, 'discovery.k8s.io', 'endpointslices')] },
  // As kubeadm's: whoever joins sees whether its name is taken.
  { name: 'kubeadm:get-nodes', rules: [rule('get', 'core', 'nodes')] },
  // A machine that leaves takes its Node along; the admission plugin NodeRestriction holds it to its own.
  { name: 'gantry:leaving-node', rules: [rule('delete', 'core', 'nodes')] },
  {
    // Beyond Kubernetes' approver: certificates of the kubelets' servers, and of the other components of a node.
    name: 'gantry:node-certificate-approver',
    rules: [
      rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving kubernetes.io/kube-apiserver-client'),
      rule(READ, 'core', 'nodes'),
      rule('get', 'discovery.k8s.io', 'endpointslices'),
      rule('get', 'core', 'configmaps', 'gantry-config'),
    ],
  },
];

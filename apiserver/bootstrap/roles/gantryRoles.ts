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
];

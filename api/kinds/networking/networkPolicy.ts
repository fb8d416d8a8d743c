import type { V1NetworkPolicy } from '../../generated/types.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { networkPolicyWarnings, validateNetworkPolicy } from './validateNetworkPolicy.ts';

export const networkPolicy = defineKind<V1NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  model: 'V1NetworkPolicy',
  hasGeneration: true,
  setDefaults,
  validate: validateNetworkPolicy,
  warnings: networkPolicyWarnings,
  columns: [textColumn('Pod-Selector', 'Selects the pods to which this NetworkPolicy object applies.  The array of ingress rules is applied to any pods selected by this field. Multiple network policies can select the same set of pods.  In this case, the ingress rules for each are combined additively. This field is NOT optional and follows standard label selector semantics. An empty podSelector matches all pods in this namespace.', ({ spec }) => formatLabelSelector(spec?.podSelector)), ageColumn],
});

/** A policy that does not say so is about what comes in, and about what goes out only where it has rules for that. */
function setDefaults({ spec }: IncomingObject<V1NetworkPolicy>): void {
  if (!spec) return;
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of ports ?? []) port.protocol ||= 'TCP';
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

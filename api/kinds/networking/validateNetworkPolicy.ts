import type { V1IPBlock, V1NetworkPolicy, V1NetworkPolicyPeer, V1NetworkPolicyPort } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notSupported, ofEach, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { cidrWarnings } from '../../validation/addressWarnings.ts';
import { invalidEach, oneOfIfSet } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { parseLooseCidr, validateCidr } from '../../validation/ipText.ts';
import { validatePortName, validatePortNumber } from '../../validation/names.ts';
import { containsPrefix } from '../../values/ipPrefix.ts';

const TYPES = ['Ingress', 'Egress'];

/** `ValidateNetworkPolicy`. */
export function validateNetworkPolicy({ spec }: IncomingObject<V1NetworkPolicy>): FieldError[] {
  const types = spec?.policyTypes ?? [];
  return [
    ...validateLabelSelector('spec.podSelector', spec?.podSelector),
    ...(spec?.ingress ?? []).flatMap(({ ports, from }, index) => validateRule(`spec.ingress[${index}]`, ports, 'from', from)),
    ...(spec?.egress ?? []).flatMap(({ ports, to }, index) => validateRule(`spec.egress[${index}]`, ports, 'to', to)),
    ...(types.length > TYPES.length
      ? [invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
      : types.flatMap((type, index) => (TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, TYPES)]))),
  ];
}

/** Of ranges in a form that not every program takes for the same. */
export function networkPolicyWarnings({ spec }: IncomingObject<V1NetworkPolicy>): string[] {
  const ofPeers = (field: string, peers: readonly V1NetworkPolicyPeer[] = []): string[] => peers.flatMap(({ ipBlock }, index) => {
    const path = `${field}[${index}].ipBlock`;
    return ipBlock ? [...cidrWarnings(`${path}.cidr`, ipBlock.cidr ?? ''), ...(ipBlock.except ?? []).flatMap((each, at) => cidrWarnings(`${path}.except[${at}]`, each))] : [];
  });
  return [
    ...(spec?.ingress ?? []).flatMap(({ from }, index) => ofPeers(`spec.ingress[${index}].from`, from)),
    ...(spec?.egress ?? []).flatMap(({ to }, index) => ofPeers(`spec.egress[${index}].to`, to)),
  ];
}

function validateRule(field: string, ports: readonly V1NetworkPolicyPort[] = [], side: string, peers: readonly V1NetworkPolicyPeer[] = []): FieldError[] {
  return [...ofEach(`${field}.ports`, ports, validatePort), ...ofEach(`${field}.${side}`, peers, validatePeer)];
}

function validatePort(field: string, { protocol, port, endPort }: V1NetworkPolicyPort): FieldError[] {
  const errors = oneOfIfSet(`${field}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  if (port === undefined) return endPort === undefined ? errors : [...errors, invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...invalidEach(`${field}.port`, port, validatePortName(port))];
  }
  append(errors, invalidEach(`${field}.port`, port, validatePortNumber(port)));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(`${field}.endPort`, endPort, 'must be greater than or equal to `port`'));
  return [...errors, ...invalidEach(`${field}.endPort`, endPort, validatePortNumber(endPort))];
}

function validatePeer(field: string, { podSelector, namespaceSelector, ipBlock }: V1NetworkPolicyPeer): FieldError[] {
  const errors = [...validateLabelSelector(`${field}.podSelector`, podSelector), ...validateLabelSelector(`${field}.namespaceSelector`, namespaceSelector)];
  if (ipBlock) append(errors, validateIPBlock(`${field}.ipBlock`, ipBlock));
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(field, 'must specify a peer'));
  if (ipBlock && (podSelector ?? namespaceSelector)) errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
  return errors;
}

function validateIPBlock(field: string, { cidr, except = [] }: V1IPBlock): FieldError[] {
  if (!cidr) return [required(`${field}.cidr`)];
  const errors = invalidEach(`${field}.cidr`, cidr, validateCidr(cidr));
  const outer = parseLooseCidr(cidr);
  if (!outer) return errors;
  return [...errors, ...except.flatMap((each, index) => {
    const path = `${field}.except[${index}]`;
    const faults = invalidEach(path, each, validateCidr(each));
    const inner = parseLooseCidr(each);
    const isStrictlyWithin = !inner || (inner.length > outer.length && containsPrefix(outer, inner));
    return isStrictlyWithin ? faults : [...faults, invalid(path, each, 'must be a strict subset of `cidr`')];
  })];
}

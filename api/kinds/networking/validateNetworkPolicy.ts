import { BlockList } from 'node:net';
import type { V1IPBlock, V1NetworkPolicy, V1NetworkPolicyPeer, V1NetworkPolicyPort } from '../../generated/types.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, oneOfIfSet } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { isCidr, validateCidr, validatePortName, validatePortNumber } from '../../validation/names.ts';

const TYPES = ['Egress', 'Ingress'];

/** `ValidateNetworkPolicy`. */
export function validateNetworkPolicy({ spec }: IncomingObject<V1NetworkPolicy>): FieldError[] {
  const types = spec?.policyTypes ?? [];
  return [
    ...validateLabelSelector('spec.podSelector', spec?.podSelector),
    ...(spec?.ingress ?? []).flatMap(({ ports, from }, index) => validateRule(`spec.ingress[${index}]`, ports, 'from', from)),
    ...(spec?.egress ?? []).flatMap(({ ports, to }, index) => validateRule(`spec.egress[${index}]`, ports, 'to', to)),
    ...(types.length > TYPES.length ? [invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')] : []),
    ...types.flatMap((type, index) => (TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, TYPES)])),
  ];
}

function validateRule(field: string, ports: readonly V1NetworkPolicyPort[] = [], side: string, peers: readonly V1NetworkPolicyPeer[] = []): FieldError[] {
  return [...ports.flatMap((port, index) => validatePort(`${field}.ports[${index}]`, port)), ...peers.flatMap((peer, index) => validatePeer(`${field}.${side}[${index}]`, peer))];
}

function validatePort(field: string, { protocol, port, endPort }: V1NetworkPolicyPort): FieldError[] {
  const errors = oneOfIfSet(`${field}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  if (port === undefined) return endPort === undefined ? errors : [...errors, invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...invalidEach(`${field}.port`, port, validatePortName(port))];
  }
  errors.push(...invalidEach(`${field}.port`, port, validatePortNumber(port)));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(`${field}.endPort`, port, 'must be greater than or equal to `port`'));
  return [...errors, ...invalidEach(`${field}.endPort`, endPort, validatePortNumber(endPort))];
}

function validatePeer(field: string, { podSelector, namespaceSelector, ipBlock }: V1NetworkPolicyPeer): FieldError[] {
  const errors = [...validateLabelSelector(`${field}.podSelector`, podSelector), ...validateLabelSelector(`${field}.namespaceSelector`, namespaceSelector)];
  if (ipBlock) errors.push(...validateIPBlock(`${field}.ipBlock`, ipBlock));
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(field, 'must specify a peer'));
  if (ipBlock && (podSelector ?? namespaceSelector)) errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
  return errors;
}

function validateIPBlock(field: string, { cidr, except = [] }: V1IPBlock): FieldError[] {
  if (!cidr) return [required(`${field}.cidr`)];
  const errors = invalidEach(`${field}.cidr`, cidr, validateCidr(cidr));
  if (errors.length > 0) return errors;
  return except.flatMap((each, index) => {
    const path = `${field}.except[${index}]`;
    if (!isCidr(each)) return invalidEach(path, each, validateCidr(each));
    return isStrictlyWithin(each, cidr) ? [] : [invalid(path, each, 'must be a strict subset of `cidr`')];
  });
}

function isStrictlyWithin(inner: string, outer: string): boolean {
  const [address = '', bits] = inner.split('/');
  const [network = '', length] = outer.split('/');
  const family = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4');
  if (family(address) !== family(network) || Number(bits) <= Number(length)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(length), family(network));
  return block.check(address, family(address));
}

import { isIPv6 } from 'node:net';
import type { V1ConfigMapNodeConfigSource, V1Node, V1NodeConfigSource, V1Taint } from '../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, labelName, oneOf, repeats } from '../../validation/fields.ts';
import { validateCidr } from '../../validation/ipText.ts';
import { validateConfigMapKey, validateDns1123Label, validateDns1123Subdomain, validateLabelValue } from '../../validation/names.ts';
import { validateResourceQuantity } from '../../validation/resources.ts';
import { internalForm } from '../internalForm.ts';
import { validateDeclaredFeatures } from './declaredFeatures.ts';
import { TAINT_EFFECTS } from './pod/validateScheduling.ts';

type IncomingNode = IncomingObject<V1Node>;

/** `ValidateNode`. */
export function validateNode(node: IncomingNode): FieldError[] {
  const ranges = node.spec?.podCIDRs ?? [];
  const field = 'spec.podCIDRs';
  // Kubernetes names the taints as if they were metadata.
  const errors = [...validateTaints('metadata.taints', node.spec?.taints ?? []), ...validateNodeReport(node)];
  for (const [index, range] of ranges.entries()) append(errors, invalidEach(`${field}[${index}]`, range, validateCidr(range)));
  if (ranges.length < 2) return errors;
  const families = new Set(ranges.map((range) => isIPv6(range.slice(0, range.lastIndexOf('/')))));
  if (families.size < 2 || ranges.length > 2) errors.push(invalid(field, ranges, 'may specify no more than one CIDR for each IP family'));
  const isSame = repeats();
  return [...errors, ...ranges.flatMap((range, index) => (isSame(range) ? [duplicate(`${field}[${index}]`, range)] : []))];
}

/** Amounts and features that the node reports (`ValidateNodeResources`). */
export function validateNodeReport({ status }: IncomingNode): FieldError[] {
  const amounts = (['capacity', 'allocatable'] as const).flatMap((list) => Object.entries(status?.[list] ?? {}).flatMap(([name, amount]) => validateResourceQuantity(`status.${list}.${name}`, name, amount)));
  return [...amounts, ...validateDeclaredFeatures('status.declaredFeatures', status?.declaredFeatures ?? [])];
}

function validateTaints(field: string, taints: readonly V1Taint[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const path = `${field}[${index}]`;
    const messages = validateLabelValue(taint.value ?? '');
    append(errors, labelName(`${path}.key`, taint.key ?? ''));
    if (messages.length > 0) errors.push(invalid(`${path}.value`, taint.value, messages.join(';')));
    append(errors, oneOf(`${path}.effect`, taint.effect, TAINT_EFFECTS));
    const identity = `${taint.effect}/${taint.key}`;
    if (seen.has(identity)) errors.push({ ...duplicate(path, taint), message: `Duplicate value: ${JSON.stringify(internalForm('Taint', taint))}: taints must be unique by key and effect pair` });
    seen.add(identity);
  }
  return errors;
}

/** What a node was given stays with it (`ValidateNodeUpdate`); of its status as of itself. */
export function validateNodeUpdate({ spec, status }: IncomingNode, previous: V1Node): FieldError[] {
  const errors: FieldError[] = [];
  const before = previous.spec;
  const addresses = status?.addresses ?? [];
  for (const [index, address] of addresses.entries()) {
    if (addresses.findIndex((each) => each.type === address.type && each.address === address.address) < index) errors.push(duplicate(`status.addresses[${index}]`, internalForm('NodeAddress', address)));
  }
  if (before?.podCIDRs?.length && before.podCIDRs.join() !== (spec?.podCIDRs ?? []).join()) errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if (before?.providerID && before.providerID !== spec?.providerID) errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if (spec?.configSource) append(errors, validateConfigSource('spec.configSource', spec.configSource, false));
  for (const name of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status?.config?.[name];
    if (source) append(errors, validateConfigSource(`status.config.${name}`, source, true));
  }
  if ((spec?.externalID ?? '') !== (before?.externalID ?? '')) errors.push(forbidden('spec.externalID', 'may not be updated'));
  return errors;
}

/** Nodes no longer take their configuration from the API, but the fields are still looked at. */
function validateConfigSource(field: string, source: V1NodeConfigSource, isStatus: boolean): FieldError[] {
  return source.configMap ? validateConfigMap(`${field}.configMap`, source.configMap, isStatus) : [invalid(field, internalForm('NodeConfigSource', source), 'exactly one reference subfield must be non-nil')];
}

function validateConfigMap(field: string, { uid, resourceVersion, namespace, name, kubeletConfigKey }: V1ConfigMapNodeConfigSource, isStatus: boolean): FieldError[] {
  const errors = Object.entries({ uid, resourceVersion }).flatMap(([key, value]) => {
    if (isStatus) return value ? [] : [required(`${field}.${key}`, `${key} must be set in status`)];
    return value ? [forbidden(`${field}.${key}`, `${key} must not be set in spec`)] : [];
  });
  append(errors, (namespace ? invalidEach(`${field}.namespace`, namespace, validateDns1123Label(namespace)) : [required(`${field}.namespace`, 'namespace must be set')]));
  append(errors, (name ? invalidEach(`${field}.name`, name, validateDns1123Subdomain(name)) : [required(`${field}.name`, 'name must be set')]));
  return [...errors, ...(kubeletConfigKey ? invalidEach(`${field}.kubeletConfigKey`, kubeletConfigKey, validateConfigMapKey(kubeletConfigKey)) : [required(`${field}.kubeletConfigKey`, 'kubeletConfigKey must be set')])];
}

import type { V1ResourceRequirements } from '../generated/types.ts';
import { forbidden, invalid, required, type FieldError } from '../fieldError.ts';
import { compareQuantities, formatQuantity, milliValue, QUANTITY_FORMAT_MESSAGE, quantityOrZero, tryParseQuantity } from '../values/quantity.ts';
import { invalidEach } from './fields.ts';
import { NON_NEGATIVE_MESSAGE, validateQualifiedName } from './names.ts';

const STANDARD_CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const INTEGER_RESOURCES = new Set(['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers']);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');

/** Resources that Kubernetes itself knows: unqualified, or of its own domain. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Whether a limit may be above what is requested. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

/** A resource of a device plugin, e.g. `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.') && validateQualifiedName(`requests.${name}`).length === 0;
}

/** An amount that is not negative, and whole where parts make no sense. */
export function validateResourceQuantity(field: string, name: string, text: string | number): FieldError[] {
  const quantity = tryParseQuantity(text);
  if (!quantity) return [invalid(field, text, QUANTITY_FORMAT_MESSAGE)];
  const errors: FieldError[] = [];
  if (quantity.nanos < 0n) errors.push(invalid(field, formatQuantity(quantity), NON_NEGATIVE_MESSAGE));
  if ((INTEGER_RESOURCES.has(name) || isExtendedResource(name)) && milliValue(quantity) % 1000 !== 0) errors.push(invalid(field, formatQuantity(quantity), 'must be an integer'));
  return errors;
}

function validateContainerResourceName(field: string, name: string): FieldError[] {
  const errors = invalidEach(field, name, validateQualifiedName(name));
  if (errors.length > 0) return errors;
  if (!name.includes('/')) return STANDARD_CONTAINER_RESOURCES.has(name) || isHugePages(name) ? [] : [invalid(field, name, 'must be a standard resource for containers')];
  return isNativeResource(name) || isExtendedResource(name) ? [] : [invalid(field, name, "doesn't follow extended resource name standard")];
}

/** Requests and limits of a container (`ValidateContainerResourceRequirements`). */
export function validateResourceRequirements(field: string, resources: V1ResourceRequirements | undefined): FieldError[] {
  if (!resources) return [];
  const errors: FieldError[] = [];
  const { limits = {}, requests = {} } = resources;
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  for (const [name, limit] of Object.entries(limits)) {
    const path = `${field}.limits[${name}]`;
    errors.push(...validateContainerResourceName(path, name), ...validateResourceQuantity(path, name, limit));
  }
  for (const [name, request] of Object.entries(requests)) {
    const path = `${field}.requests[${name}]`;
    errors.push(...validateContainerResourceName(path, name), ...validateResourceQuantity(path, name, request), ...validateAgainstLimit(field, name, request, limits[name]));
  }
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) errors.push(forbidden(field, 'HugePages require cpu or memory'));
  return errors;
}

function validateAgainstLimit(field: string, name: string, request: string, limit: string | undefined): FieldError[] {
  if (limit === undefined) return isOvercommitAllowed(name) ? [] : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')];
  const [asked, most] = [quantityOrZero(request), quantityOrZero(limit)];
  const difference = compareQuantities(asked, most);
  if (difference !== 0 && !isOvercommitAllowed(name)) return [invalid(`${field}.requests`, formatQuantity(asked), `must be equal to ${name} limit of ${formatQuantity(most)}`)];
  return difference > 0 ? [invalid(`${field}.requests`, formatQuantity(asked), `must be less than or equal to ${name} limit of ${formatQuantity(most)}`)] : [];
}

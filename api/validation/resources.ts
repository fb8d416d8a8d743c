import type { CoreV1ResourceClaim, V1ResourceRequirements } from '../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required } from '../fieldError.ts';
import { compareQuantities, formatQuantity, milliValue, QUANTITY_FORMAT_MESSAGE, quantityOrZero, tryParseQuantity } from '../values/quantity.ts';
import { invalidEach } from './fields.ts';
import { NON_NEGATIVE_MESSAGE, validateDns1123Label, validateQualifiedName } from './names.ts';
import { ownField } from '../values/ownField.ts';

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const STANDARD_CONTAINER_RESOURCES: ReadonlySet<string> = new Set(COMPUTE);
const OF_COMPUTE = COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`]);
const COUNTED = ['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'];
const INTEGER_RESOURCES: ReadonlySet<string> = new Set(COUNTED);
const QUOTA_RESOURCES: ReadonlySet<string> = new Set([...COMPUTE, ...OF_COMPUTE, ...COUNTED, 'requests.storage']);
const STANDARD_RESOURCES: ReadonlySet<string> = new Set([...QUOTA_RESOURCES, 'storage']);
const POD_LEVEL_RESOURCES = ['cpu', 'hugepages-', 'memory'];

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');

/** What may be asked for a pod as a whole (`IsSupportedPodLevelResource`). */
export const isPodLevelResource = (name: string): boolean => isHugePages(name) || POD_LEVEL_RESOURCES.includes(name);

/** Resources that Kubernetes itself knows: unqualified, or of its own domain. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Whether a limit may be above what is requested. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

/** What a ResourceQuota may count by its own name. */
export const isStandardQuotaResource = (name: string): boolean => QUOTA_RESOURCES.has(name) || isQuotaHugePages(name);

/** A resource of a device plugin, e.g. `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.') && validateQualifiedName(`requests.${name}`).length === 0;
}

/** An amount that is not negative, and whole where parts make no sense (`ValidateResourceQuantityValue`). */
export function validateResourceQuantity(field: string, name: string, text: string | number): FieldError[] {
  const quantity = tryParseQuantity(text);
  if (!quantity) return [invalid(field, text, QUANTITY_FORMAT_MESSAGE)];
  const errors: FieldError[] = [];
  if (quantity.nanos < 0n) errors.push(invalid(field, formatQuantity(quantity), NON_NEGATIVE_MESSAGE));
  if ((INTEGER_RESOURCES.has(name) || isExtendedResource(name)) && milliValue(quantity) % 1000 !== 0) errors.push(invalid(field, formatQuantity(quantity), 'must be an integer'));
  return errors;
}

/** An amount of which there is some (`ValidatePositiveQuantityValue`). */
export function positiveQuantity(field: string, text: string | number): FieldError[] {
  const quantity = tryParseQuantity(text);
  if (!quantity) return [invalid(field, text, QUANTITY_FORMAT_MESSAGE)];
  return quantity.nanos > 0n ? [] : [invalid(field, formatQuantity(quantity), 'must be greater than zero')];
}

/** `validateResourceName`: one that Kubernetes knows, or one with a domain. */
export function validateResourceName(field: string, name: string): FieldError[] {
  const errors = invalidEach(field, name, validateQualifiedName(name));
  if (errors.length > 0 || name.includes('/')) return errors;
  return STANDARD_RESOURCES.has(name) || isQuotaHugePages(name) ? [] : [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

/** What a container may ask for; an unknown name is told twice, as in Kubernetes (`validateContainerResourceName`). */
export function validateContainerResourceName(field: string, name: string): FieldError[] {
  const errors = validateResourceName(field, name);
  if (!name.includes('/')) return STANDARD_CONTAINER_RESOURCES.has(name) || isHugePages(name) ? errors : [...errors, invalid(field, name, 'must be a standard resource for containers')];
  return isNativeResource(name) || isExtendedResource(name) ? errors : [...errors, invalid(field, name, "doesn't follow extended resource name standard")];
}

/** `ValidateResourceQuotaResourceName`. */
export function validateQuotaResourceName(field: string, name: string): FieldError[] {
  const errors = validateResourceName(field, name);
  return name.includes('/') || isStandardQuotaResource(name) ? errors : [...errors, invalid(field, name, 'must be a standard resource for quota')];
}

function validatePodResourceName(field: string, name: string): FieldError[] {
  const errors = validateResourceName(field, name);
  if (errors.length > 0) return errors;
  return isPodLevelResource(name) ? [] : [notSupported(field, name, POD_LEVEL_RESOURCES)];
}

/** Requests and limits of a container (`ValidateContainerResourceRequirements`); `claims` are the names that the pod gives its resource claims. */
export function validateResourceRequirements(field: string, resources: V1ResourceRequirements | undefined, claims?: ReadonlySet<string>): FieldError[] {
  return resources ? validateRequirements(field, resources, validateContainerResourceName, claims) : [];
}

/** Of a pod as a whole (`validatePodResourceRequirements`). */
export function validatePodLevelRequirements(field: string, resources: V1ResourceRequirements, claims: ReadonlySet<string>): FieldError[] {
  return validateRequirements(field, resources, validatePodResourceName, claims);
}

function validateRequirements(field: string, resources: V1ResourceRequirements, validateName: (field: string, name: string) => FieldError[], claims: ReadonlySet<string> = new Set()): FieldError[] {
  const errors: FieldError[] = [];
  const { limits = {}, requests = {} } = resources;
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  for (const [name, limit] of Object.entries(limits)) {
    const path = `${field}.limits[${name}]`;
    append(errors, validateName(path, name), validateResourceQuantity(path, name, limit), validateHugePages(path, name, limit));
  }
  for (const [name, request] of Object.entries(requests)) {
    const path = `${field}.requests[${name}]`;
    append(errors, validateName(path, name), validateResourceQuantity(path, name, request), validateAgainstLimit(field, name, request, ownField(limits, name)), validateHugePages(path, name, request));
  }
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) errors.push(forbidden(field, 'HugePages require cpu or memory'));
  return [...errors, ...validateClaimNames(`${field}.claims`, resources.claims ?? [], claims)];
}

function validateAgainstLimit(field: string, name: string, request: string, limit: string | undefined): FieldError[] {
  if (limit === undefined) return isOvercommitAllowed(name) ? [] : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')];
  const [asked, most] = [quantityOrZero(request), quantityOrZero(limit)];
  const difference = compareQuantities(asked, most);
  if (difference !== 0 && !isOvercommitAllowed(name)) return [invalid(`${field}.requests`, formatQuantity(asked), `must be equal to ${name} limit of ${formatQuantity(most)}`)];
  return difference > 0 ? [invalid(`${field}.requests`, formatQuantity(asked), `must be less than or equal to ${name} limit of ${formatQuantity(most)}`)] : [];
}

/** Huge pages are given out whole: the size stands in the name, e.g. `hugepages-2Mi`. */
function validateHugePages(field: string, name: string, text: string): FieldError[] {
  const amount = tryParseQuantity(text);
  if (!isHugePages(name) || !amount) return [];
  const size = quantityOrZero(name.slice('hugepages-'.length)).nanos;
  const isWhole = size > 0n && size % 1_000_000_000n === 0n && amount.nanos % size === 0n;
  return isWhole ? [] : [invalid(field, formatQuantity(amount), `${formatQuantity(amount)} is not positive integer multiple of ${name}`)];
}

/** A container names claims of its pod, each whole or by its requests (`validateResourceClaimNames`). */
function validateClaimNames(field: string, claims: readonly CoreV1ResourceClaim[], known: ReadonlySet<string>): FieldError[] {
  const seen = new Set<string>();
  return claims.flatMap(({ name, request }, index) => {
    const path = `${field}[${index}]`;
    if (!name) return [required(path)];
    const errors: FieldError[] = [];
    if (seen.has(name)) {
      errors.push(duplicate(path, name));
    } else {
      const key = request ? `${name}/${request}` : name;
      if (request) append(errors, invalidEach(`${path}.request`, request, validateDns1123Label(request)));
      if (seen.has(key)) errors.push(duplicate(path, key));
      else if (!request) append(errors, [...seen].filter((each) => each.startsWith(`${name}/`)).map(() => duplicate(path, name)));
      seen.add(key);
    }
    if (!known.has(name)) {
      const list = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
      errors.push({ ...notFound(path, name), message: `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${list}` });
    }
    return errors;
  });
}

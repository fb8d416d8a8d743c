import { append, invalid, required } from '../../api/fieldError.ts';
import type { FieldError } from '../../api/fieldError.ts';
import { formatGoDuration } from '../../process/goDuration.ts';
import { goUrlFault, parseGoUrl } from '../../api/values/goUrl.ts';

/** `EncryptionConfiguration` of `apiserver.config.k8s.io/v1`. */
export interface EncryptionConfiguration {
  readonly resources: readonly ResourceRule[];
}

export interface ResourceRule {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group) or `*.*`. */
  readonly resources: readonly string[];
  readonly providers: readonly Provider[];
}

/** One of them is set. */
export interface Provider {
  readonly aesgcm?: KeyList;
  readonly aescbc?: KeyList;
  readonly secretbox?: KeyList;
  readonly identity?: object;
  readonly kms?: KmsProvider;
}

export interface KeyList {
  readonly keys: readonly NamedKey[];
}

export interface NamedKey {
  readonly name: string;
  /** Base64. */
  readonly secret: string;
}

export interface KmsProvider {
  readonly apiVersion?: string;
  readonly name: string;
  readonly endpoint: string;
  /** Milliseconds; 3 s unless given. */
  readonly timeout?: number;
  readonly cachesize?: number;
}

const AES_SIZES = [16, 24, 32];
const SECRETBOX_SIZES = [32];
const PROVIDERS = ['kms', 'aesgcm', 'aescbc', 'secretbox', 'identity'] as const;
const DEFAULT_KMS_TIMEOUT_MS = 3_000;

export const kmsTimeout = ({ timeout = DEFAULT_KMS_TIMEOUT_MS }: KmsProvider): number => timeout;

/** What is wrong with a configuration, with Kubernetes' texts (`ValidateEncryptionConfiguration`). */
export function validateEncryptionConfiguration({ resources }: EncryptionConfiguration): FieldError[] {
  if (resources.length === 0) return [required('resources', 'at least one resources is required')];
  const names = new Set<string>();
  return resources.flatMap((rule, at) => validateRule(rule, `resources[${at}]`, names));
}

function validateRule({ resources, providers }: ResourceRule, path: string, kmsNames: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.length === 0) errors.push(required(`${path}.resources`, `at least one ${path}.resources is required`));
  append(errors, overlapErrors(resources, `${path}.resources`));
  resources.forEach((resource, at) => {
    const fault = resourceFault(resource);
    if (fault) errors.push(invalid(`${path}.resources[${at}]`, resource, fault));
  });
  if (providers.length === 0) errors.push(required(`${path}.providers`, `at least one ${path}.providers is required`));
  providers.forEach((provider, at) => append(errors, validateProvider(provider, `${path}.providers[${at}]`, kmsNames)));
  return errors;
}

/** Group and resource of an entry; `*.` is every resource of the core group. */
export function parseGroupResource(text: string): { readonly group: string; readonly resource: string } {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

function overlapErrors(resources: readonly string[], path: string): FieldError[] {
  const parsed = resources.map(parseGroupResource);
  const pairs = parsed.flatMap((one, at) => parsed.slice(at + 1).map((other) => ({ one, other })));
  const isSame = ({ one, other }: (typeof pairs)[number]): boolean => one.group === other.group && one.resource === other.resource;
  const isAll = ({ group, resource }: { group: string; resource: string }): boolean => group === '*' && resource === '*';
  const errors: FieldError[] = [];
  if (pairs.some(isSame)) errors.push(invalid(path, resources, 'the same resource cannot be specified multiple times'));
  if (pairs.some(({ one, other }) => isAll(one) || isAll(other) || (one.group === other.group && (one.resource === '*' || other.resource === '*')))) {
    errors.push(invalid(path, resources, "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked"));
  }
  return errors;
}

const WITHOUT_API = ['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'];

function resourceFault(text: string): string | undefined {
  if (text.toLowerCase() !== text) return 'resource name should not contain capital letters';
  if (text === '*') return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (WITHOUT_API.includes(text)) return 'resources which do not have REST API/s cannot be encrypted';
  const { group, resource } = parseGroupResource(text);
  if (group === 'events.k8s.io') return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  if (group === 'extensions') return "'extensions' group has been removed and cannot be used for encryption";
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

function validateProvider(provider: Provider, path: string, kmsNames: Set<string>): FieldError[] {
  const found = PROVIDERS.filter((name) => provider[name] !== undefined);
  if (found.length === 0) return [invalid(path, { AESGCM: null, AESCBC: null, Secretbox: null, Identity: null, KMS: null }, 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity')];
  // The keys are nobody's to read, least of all in a log.
  if (found.length > 1) return [invalid(path, found, 'more than one provider specified in a single element, should split into different list elements')];
  if (provider.kms) return validateKms(provider.kms, `${path}.kms`, kmsNames);
  if (provider.aesgcm) return validateKeys(provider.aesgcm, `${path}.aesgcm.keys`, AES_SIZES);
  if (provider.aescbc) return validateKeys(provider.aescbc, `${path}.aescbc.keys`, AES_SIZES);
  return provider.secretbox ? validateKeys(provider.secretbox, `${path}.secretbox.keys`, SECRETBOX_SIZES) : [];
}

function validateKeys({ keys }: KeyList, path: string, sizes: readonly number[]): FieldError[] {
  if (keys.length === 0) return [required(path, 'at least one keys is required')];
  return keys.flatMap(({ name, secret }, at) => {
    const errors = name === '' ? [required(`${path}[${at}].name`, 'name is a mandatory field for a key')] : [];
    if (secret === '') return [...errors, required(`${path}[${at}].secret`, 'secret is a mandatory field for a key')];
    if (!isBase64(secret)) return [...errors, invalid(`${path}[${at}].secret`, 'REDACTED', 'secrets must be base64 encoded')];
    const { length } = Buffer.from(secret, 'base64');
    if (!sizes.includes(length)) errors.push(invalid(`${path}[${at}].secret`, 'REDACTED', `secret is not of the expected length, got ${length}, expected one of [${sizes.join(' ')}]`));
    return errors;
  });
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function validateKms(kms: KmsProvider, path: string, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  const version = kms.apiVersion ?? 'v1';
  if (kms.name === '') errors.push(required(`${path}.name`, 'name is a mandatory field for a provider'));
  if (version !== 'v1' && kms.name.includes(':')) errors.push(invalid(`${path}.name`, kms.name, `invalid KMS provider name ${kms.name}, must not contain ':'`));
  if (names.has(kms.name)) errors.push(invalid(`${path}.name`, kms.name, `duplicate KMS provider name ${kms.name}, names must be unique`));
  names.add(kms.name);
  const timeout = kmsTimeout(kms);
  if (timeout <= 0) errors.push(invalid(`${path}.timeout`, formatGoDuration(timeout), 'timeout should be a positive value'));
  append(errors, endpointErrors(kms.endpoint, `${path}.endpoint`));
  if (version !== 'v1' && kms.cachesize !== undefined) errors.push(invalid(`${path}.cachesize`, kms.cachesize, 'cachesize is not supported in v2'));
  if (version !== 'v1' && version !== 'v2') errors.push(invalid(`${path}.apiVersion`, version, 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported'));
  return errors;
}

function endpointErrors(endpoint: string, path: string): FieldError[] {
  if (endpoint === '') return [invalid(path, '', 'endpoint is a mandatory field for a kms')];
  const fault = goUrlFault(endpoint);
  if (fault !== undefined) return [invalid(path, endpoint, `invalid endpoint for kms provider, error: ${fault}`)];
  const { scheme } = parseGoUrl(endpoint);
  return scheme === 'unix' ? [] : [invalid(path, endpoint, `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`)];
}

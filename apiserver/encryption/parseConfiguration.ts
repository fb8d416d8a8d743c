import { parse } from 'yaml';
import { validateEncryptionConfiguration } from './encryptionConfiguration.ts';
import type { EncryptionConfiguration, KeyList, KmsProvider, Provider, ResourceRule } from './encryptionConfiguration.ts';

/** An encryption configuration that cannot be used. No message bears a key. */
export class EncryptionConfigurationError extends Error {}

const VERSIONS = ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1'];
const FIELDS = {
  file: ['apiVersion', 'kind', 'resources'],
  rule: ['resources', 'providers'],
  provider: ['aesgcm', 'aescbc', 'secretbox', 'identity', 'kms'],
  keyList: ['keys'],
  key: ['name', 'secret'],
  kms: ['apiVersion', 'name', 'endpoint', 'timeout', 'cachesize'],
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** Reads the text (YAML or JSON) of `--encryption-provider-config`; `file` is its path. Throws an `EncryptionConfigurationError`. */
export function parseEncryptionConfiguration(text: string, file: string): EncryptionConfiguration {
  if (text.trim() === '') throw new EncryptionConfigurationError(`encryption provider configuration file ${JSON.stringify(file)} is empty`);
  const root = fields(parsed(text, file), '', FIELDS.file);
  if (!VERSIONS.includes(String(root['apiVersion'])) || root['kind'] !== 'EncryptionConfiguration') {
    throw new EncryptionConfigurationError(`${file}: got unexpected config type: ${String(root['apiVersion'])}, Kind=${String(root['kind'])}`);
  }
  const configuration: EncryptionConfiguration = { resources: list(root['resources'], 'resources').map((rule, at) => ruleOf(rule, `resources[${at}]`)) };
  const errors = validateEncryptionConfiguration(configuration);
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  if (texts.length > 0) throw new EncryptionConfigurationError(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
  return configuration;
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // The parser quotes the line, which may be a key.
    throw new EncryptionConfigurationError(`error while parsing encryption provider configuration file ${JSON.stringify(file)}: ${error instanceof Error ? error.name : 'unknown'}`);
  }
}

function ruleOf(value: unknown, path: string): ResourceRule {
  const rule = fields(value, path, FIELDS.rule);
  return {
    resources: list(rule['resources'], `${path}.resources`).map((each, at) => string(each, `${path}.resources[${at}]`)),
    providers: list(rule['providers'], `${path}.providers`).map((each, at) => providerOf(each, `${path}.providers[${at}]`)),
  };
}

function providerOf(value: unknown, path: string): Provider {
  const given = fields(value, path, FIELDS.provider);
  return {
    ...(given['aesgcm'] === undefined ? {} : { aesgcm: keysOf(given['aesgcm'], `${path}.aesgcm`) }),
    ...(given['aescbc'] === undefined ? {} : { aescbc: keysOf(given['aescbc'], `${path}.aescbc`) }),
    ...(given['secretbox'] === undefined ? {} : { secretbox: keysOf(given['secretbox'], `${path}.secretbox`) }),
    ...(given['identity'] === undefined ? {} : { identity: {} }),
    ...(given['kms'] === undefined ? {} : { kms: kmsOf(given['kms'], `${path}.kms`) }),
  };
}

function keysOf(value: unknown, path: string): KeyList {
  const { keys } = fields(value, path, FIELDS.keyList);
  return {
    keys: list(keys, `${path}.keys`).map((each, at) => {
      const key = fields(each, `${path}.keys[${at}]`, FIELDS.key);
      return { name: string(key['name'], `${path}.keys[${at}].name`), secret: string(key['secret'], `${path}.keys[${at}].secret`) };
    }),
  };
}

function kmsOf(value: unknown, path: string): KmsProvider {
  const { apiVersion, name, endpoint, timeout, cachesize } = fields(value, path, FIELDS.kms);
  if (cachesize !== undefined && typeof cachesize !== 'number') throw new EncryptionConfigurationError(`${path}.cachesize: must be a number`);
  return {
    ...(apiVersion === undefined ? {} : { apiVersion: string(apiVersion, `${path}.apiVersion`) }),
    name: string(name, `${path}.name`),
    endpoint: string(endpoint, `${path}.endpoint`),
    ...(timeout === undefined ? {} : { timeout: string(timeout, `${path}.timeout`) }),
    ...(cachesize === undefined ? {} : { cachesize }),
  };
}

function fields(value: unknown, path: string, known: readonly string[]): Fields {
  if (value === null && path !== '') return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EncryptionConfigurationError(`${path || 'the encryption configuration'}: must be an object`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EncryptionConfigurationError(`strict decoding error: unknown field ${JSON.stringify(path === '' ? unknown : `${path}.${unknown}`)}`);
  return value as Fields;
}

function list(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new EncryptionConfigurationError(`${path}: must be a list`);
  return value;
}

function string(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new EncryptionConfigurationError(`${path}: must be a string`);
  return value;
}

import type { ConfigShape } from '../configFile/configShape.ts';
import { describeFaults } from '../configFile/describeFaults.ts';
import { ConfigFileError, readConfigFile } from '../configFile/readConfigFile.ts';
import { validateEncryptionConfiguration } from './encryptionConfiguration.ts';
import type { EncryptionConfiguration, KeyList, KmsProvider, Provider, ResourceRule } from './encryptionConfiguration.ts';

/** An encryption configuration that cannot be used. No message bears a key. */
export class EncryptionConfigurationError extends Error {}

const KEYS: ConfigShape = { list: { struct: 'Key', fields: { name: 'string', secret: 'string' } } };
const AES: ConfigShape = { struct: 'AESConfiguration', fields: { keys: KEYS } };
const KMS: ConfigShape = { struct: 'KMSConfiguration', fields: { apiVersion: 'string', name: 'string', cachesize: 'int32', endpoint: 'string', timeout: 'duration' } };
const PROVIDER: ConfigShape = {
  struct: 'ProviderConfiguration',
  fields: { aesgcm: AES, aescbc: AES, secretbox: { struct: 'SecretboxConfiguration', fields: { keys: KEYS } }, identity: { struct: 'IdentityConfiguration', fields: {} }, kms: KMS },
};
const FIELDS: Readonly<Record<string, ConfigShape>> = { resources: { list: { struct: 'ResourceConfiguration', fields: { resources: { list: 'string' }, providers: { list: PROVIDER } } } } };
const KIND = { versions: ['apiserver.config.k8s.io/v1'], kind: 'EncryptionConfiguration', secret: true };

/** As it stands in the file: what is left out is not there. */
interface Given {
  readonly resources?: readonly { readonly resources?: readonly string[]; readonly providers?: readonly GivenProvider[] }[];
}

type GivenProvider = { readonly [Name in keyof Provider]: Name extends 'kms' ? Partial<KmsProvider> : { readonly keys?: readonly Partial<KeyList['keys'][number]>[] } };

/** Reads the text (YAML or JSON) of `--encryption-provider-config`; `file` is its path. Throws an `EncryptionConfigurationError`. */
export function parseEncryptionConfiguration(text: string, file: string): EncryptionConfiguration {
  if (text === '') throw new EncryptionConfigurationError(`encryption provider configuration file ${JSON.stringify(file)} is empty`);
  const { resources = [] } = given(text, file);
  const configuration: EncryptionConfiguration = { resources: resources.map((rule): ResourceRule => ({ resources: rule.resources ?? [], providers: (rule.providers ?? []).map(providerOf) })) };
  const errors = validateEncryptionConfiguration(configuration);
  if (errors.length > 0) throw new EncryptionConfigurationError(describeFaults(errors));
  return configuration;
}

function given(text: string, file: string): Given {
  try {
    return readConfigFile(text, KIND, FIELDS) as Given;
  } catch (error) {
    if (error instanceof ConfigFileError) throw new EncryptionConfigurationError(`error decoding encryption provider configuration file ${JSON.stringify(file)}: ${error.message}`);
    throw error;
  }
}

function providerOf({ aesgcm, aescbc, secretbox, identity, kms }: GivenProvider): Provider {
  return {
    ...(aesgcm ? { aesgcm: keysOf(aesgcm) } : {}),
    ...(aescbc ? { aescbc: keysOf(aescbc) } : {}),
    ...(secretbox ? { secretbox: keysOf(secretbox) } : {}),
    ...(identity ? { identity } : {}),
    ...(kms ? { kms: { ...kms, name: kms.name ?? '', endpoint: kms.endpoint ?? '' } } : {}),
  };
}

const keysOf = ({ keys = [] }: { readonly keys?: readonly Partial<KeyList['keys'][number]>[] }): KeyList => ({ keys: keys.map(({ name = '', secret = '' }) => ({ name, secret })) });

import type { ComponentContext } from '../../process/component.ts';
import { OWN_PREFIX, REGISTRY, resourcePrefixOf } from '../storage/keys.ts';
import { AesCbc, AesGcm, identity, Secretbox } from './ciphers.ts';
import { parseGroupResource } from './encryptionConfiguration.ts';
import type { EncryptionConfiguration, KeyList, Provider } from './encryptionConfiguration.ts';
import { EncryptionConfigurationError } from './parseConfiguration.ts';
import { KmsPlugin } from './kms/kmsPlugin.ts';
import { PrefixedTransformers } from './prefixed.ts';
import type { PrefixedTransformer } from './prefixed.ts';
import type { StoredValues, ValueTransformer } from './transformer.ts';

/** One state of the configuration, in force until `stop`. */
export interface EncryptionState {
  readonly plugins: readonly KmsPlugin[];
  /** The transformer of a resource. */
  find(group: string, resource: string): ValueTransformer;
  stop(): void;
}

/** Makes a configuration's transformers, and asks its KMS plugins for their keys; one that does not answer is asked again. Throws an EncryptionConfigurationError. */
export async function applyConfiguration(configuration: EncryptionConfiguration, { clock, logger, signal }: ComponentContext): Promise<EncryptionState> {
  const stop = new AbortController();
  const plugins: KmsPlugin[] = [];
  const choices = new Map<string, PrefixedTransformer[]>();
  for (const { resources, providers } of configuration.resources) {
    const transformers = providers.map((provider) => transformerOf(provider, plugins, { clock, logger, signal }));
    for (const text of resources) {
      const { group, resource } = parseGroupResource(text);
      const id = `${group}/${resource}`;
      const mask = [`${group}/*`, '*/*'].find((each) => choices.has(each));
      if (mask !== undefined) throw new EncryptionConfigurationError(`error while building transformers: resource ${JSON.stringify(nameOf(id))} is masked by earlier rule ${JSON.stringify(nameOf(mask))}`);
      choices.set(id, [...(choices.get(id) ?? []), ...transformers]);
    }
  }
  await Promise.all(plugins.map((plugin) => plugin.check()));
  const running = AbortSignal.any([signal, stop.signal]);
  for (const plugin of plugins) void plugin.run(running);
  const transformers = new Map([...choices].map(([id, list]) => [id, new PrefixedTransformers(list, 'no matching prefix found')]));
  return {
    plugins,
    find: (group, resource) => transformers.get(`${group}/${resource}`) ?? transformers.get(`${group}/*`) ?? transformers.get('*/*') ?? identity,
    stop: () => stop.abort(),
  };
}

/** As the file has it: the core group has no name but behind `*.`. */
function nameOf(id: string): string {
  const [group = '', resource = ''] = id.split('/');
  return group === '' && resource !== '*' ? resource : `${resource}.${group}`;
}

function transformerOf(provider: Provider, plugins: KmsPlugin[], { clock, logger }: ComponentContext): PrefixedTransformer {
  if (provider.aesgcm) return keyed('k8s:enc:aesgcm:v1:', provider.aesgcm, 'AES', (key) => new AesGcm(key));
  if (provider.aescbc) return keyed('k8s:enc:aescbc:v1:', provider.aescbc, 'AES', (key) => new AesCbc(key));
  if (provider.secretbox) return keyed('k8s:enc:secretbox:v1:', provider.secretbox, 'Secretbox', (key) => new Secretbox(key));
  if (!provider.kms) return { prefix: Buffer.alloc(0), transformer: identity };
  if (provider.kms.apiVersion !== 'v2') throw new Error(`KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead. Set kms.apiVersion to v2 for the provider ${provider.kms.name}`);
  const plugin = new KmsPlugin(provider.kms, clock, logger);
  plugins.push(plugin);
  return { prefix: Buffer.from(`k8s:enc:kms:v2:${plugin.name}:`), transformer: plugin.transformer };
}

function keyed(prefix: string, { keys }: KeyList, family: string, make: (key: Buffer) => ValueTransformer): PrefixedTransformer {
  const byName = keys.map(({ name, secret }) => ({ prefix: Buffer.from(`${name}:`), transformer: make(Buffer.from(secret, 'base64')) }));
  return { prefix: Buffer.from(prefix), transformer: new PrefixedTransformers(byName, `no matching key was found for the provided ${family} transformer`) };
}

/** The encryption at rest of a server: what is in force now, by etcd key. */
export class Encryption implements StoredValues {
  #state: EncryptionState;
  /** By prefix of a resource. */
  readonly #byPrefix = new Map<string, ValueTransformer>();

  constructor(state: EncryptionState) {
    this.#state = state;
  }

  get plugins(): readonly KmsPlugin[] {
    return this.#state.plugins;
  }

  of(key: string): ValueTransformer | undefined {
    if (key.startsWith(OWN_PREFIX)) return undefined;
    const prefix = resourcePrefixOf(key);
    let transformer = this.#byPrefix.get(prefix);
    if (!transformer) {
      const parts = prefix.slice(REGISTRY.length, -1).split('/');
      transformer = this.#state.find(parts.length === 2 ? parts[0]! : '', parts.at(-1)!);
      this.#byPrefix.set(prefix, transformer);
    }
    return transformer;
  }

  /** Takes another configuration into force. */
  replace(state: EncryptionState): void {
    const before = this.#state;
    this.#state = state;
    this.#byPrefix.clear();
    before.stop();
  }
}

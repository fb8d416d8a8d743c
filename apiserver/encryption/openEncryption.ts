import type { ComponentContext } from '../../process/component.ts';
import { WatchedFiles } from '../../process/watchedFiles.ts';
import type { HealthCheck } from '../health.ts';
import { applyConfiguration, Encryption } from './encryption.ts';
import { parseEncryptionConfiguration } from './parseConfiguration.ts';

export interface EncryptionConfig {
  /** Path of the EncryptionConfiguration. */
  readonly file: string;
  /** Whether its changes are taken over while the server runs. */
  readonly reload: boolean;
}

/** Reads the configuration and makes ready what it names; throws an `EncryptionConfigurationError` where it is of no use. A later change that is of no use changes nothing. */
export async function openEncryption({ file, reload }: EncryptionConfig, context: ComponentContext): Promise<Encryption> {
  const stop = new AbortController();
  const { clock, logger, signal } = context;
  const files = new WatchedFiles({ paths: { file }, clock, logger, signal: reload ? signal : stop.signal });
  if (!reload) stop.abort();
  const read = (): ReturnType<typeof applyConfiguration> => applyConfiguration(parseEncryptionConfiguration(files.current.file, file), context);
  const encryption = new Encryption(await read());
  files.onChange(() => void takeOver(encryption, read, context));
  return encryption;
}

async function takeOver(encryption: Encryption, read: () => ReturnType<typeof applyConfiguration>, { logger }: ComponentContext): Promise<void> {
  try {
    const state = await read();
    const troubles = await Promise.all(state.plugins.map((plugin) => plugin.trouble()));
    const trouble = troubles.find((each) => each !== undefined);
    if (trouble === undefined) return encryption.replace(state);
    state.stop();
    logger.error('the new encryption configuration is not used', { cause: trouble });
  } catch (error) {
    logger.error('the new encryption configuration is not used', { error });
  }
}

/** `kms-providers`, as in Kubernetes where the configuration is reloaded; else one check for each KMS plugin. */
export function kmsChecks(encryption: Encryption | undefined, reload: boolean): HealthCheck[] {
  if (!encryption) return [];
  if (!reload) return encryption.plugins.map((plugin, at) => ({ name: `kms-provider-${at}`, check: () => plugin.trouble() }));
  const check = async (): Promise<string | undefined> => {
    const troubles = await Promise.all(encryption.plugins.map((plugin) => plugin.trouble()));
    const found = troubles.filter((each) => each !== undefined);
    return found.length === 0 ? undefined : found.join(', ');
  };
  return [{ name: 'kms-providers', check }];
}

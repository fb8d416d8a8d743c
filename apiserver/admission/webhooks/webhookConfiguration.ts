import { isAbsolute } from 'node:path';
import { AdmissionConfigurationError, configurationObject } from '../configurationObject.ts';

/** The file with this server's identities, of a webhook plugin's configuration (`WebhookAdmissionConfiguration`); undefined: there is none. Throws an `AdmissionConfigurationError`. */
export function webhookKubeconfig(configuration: unknown): string | undefined {
  if (configuration === undefined) return undefined;
  const isOld = typeof configuration === 'object' && configuration !== null && 'kind' in configuration && configuration.kind === 'WebhookAdmission';
  const object = isOld
    ? configurationObject(configuration, 'apiserver.config.k8s.io', ['v1alpha1'], 'WebhookAdmission', ['kubeConfigFile'])
    : configurationObject(configuration, 'apiserver.config.k8s.io', ['v1'], 'WebhookAdmissionConfiguration', ['kubeConfigFile']);
  const file = object['kubeConfigFile'] ?? '';
  if (typeof file !== 'string') throw new AdmissionConfigurationError('kubeConfigFile: a text is expected');
  if (file === '') return undefined;
  if (!isAbsolute(file)) throw new AdmissionConfigurationError(`kubeConfigFile: Invalid value: ${JSON.stringify(file)}: must be an absolute file path`);
  return file;
}

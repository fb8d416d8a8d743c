import { AdmissionConfigurationError } from './configurationObject.ts';
import { eventLimits } from './optional/eventRateLimit.ts';
import { type AdmissionSettings, pluginChoice } from './pluginOrder.ts';
import { podSecuritySettings } from './podSecurity/configuration.ts';
import { limitedResources } from './resourceQuota/limitedResources.ts';
import { webhookKubeconfig } from './webhooks/webhookConfiguration.ts';

/** A plugin's configuration, read by `parse`; throws an `AdmissionConfigurationError` that names the plugin. */
export function pluginConfiguration<T>({ configuration }: AdmissionSettings, name: string, parse: (configuration: unknown) => T): T {
  try {
    return parse(configuration.get(name));
  } catch (error) {
    if (error instanceof AdmissionConfigurationError) throw new AdmissionConfigurationError(`couldn't init admission plugin ${JSON.stringify(name)}: ${error.message}`);
    throw error;
  }
}

/** Throws an `AdmissionConfigurationError` for whatever would keep the plugins from being made, before anything is started. */
export function checkAdmissionSettings(settings: AdmissionSettings): void {
  const isOn = pluginChoice(settings);
  pluginConfiguration(settings, 'PodSecurity', podSecuritySettings);
  pluginConfiguration(settings, 'ResourceQuota', limitedResources);
  for (const name of ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook']) pluginConfiguration(settings, name, webhookKubeconfig);
  if (isOn('EventRateLimit')) pluginConfiguration(settings, 'EventRateLimit', eventLimits);
}

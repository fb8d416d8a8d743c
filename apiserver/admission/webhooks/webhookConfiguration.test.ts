import { webhookKubeconfig } from './webhookConfiguration.ts';

const HEAD = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'WebhookAdmissionConfiguration' };

test('the configuration names a kubeconfig', () => {
  expect(webhookKubeconfig({ ...HEAD, kubeConfigFile: '/etc/hooks.conf' })).toBe('/etc/hooks.conf');
  expect(webhookKubeconfig({ apiVersion: 'apiserver.config.k8s.io/v1alpha1', kind: 'WebhookAdmission', kubeConfigFile: '/etc/hooks.conf' })).toBe('/etc/hooks.conf');
  expect([webhookKubeconfig(HEAD), webhookKubeconfig(undefined)]).toEqual([undefined, undefined]);
});

test.each([
  [{ ...HEAD, kubeConfigFile: 'hooks.conf' }, 'kubeConfigFile: Invalid value: "hooks.conf": must be an absolute file path'],
  [{ ...HEAD, other: 1 }, 'unknown field "other"'],
  [{ ...HEAD, kind: 'X' }, 'WebhookAdmissionConfiguration is expected'],
])('%j is refused', (configuration, message) => {
  expect(() => webhookKubeconfig(configuration)).toThrow(message);
});

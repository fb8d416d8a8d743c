import type { V1MutatingWebhookConfiguration, V1ValidatingWebhook, V1ValidatingWebhookConfiguration } from '../../generated/types.ts';
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './webhookConfigurations.ts';

const metadata = { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }];
const base: V1ValidatingWebhook = { name: 'check.cranes.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { service: { name: 's', namespace: 'n' } }, rules };

function configuration(more: Partial<V1ValidatingWebhook>): V1ValidatingWebhookConfiguration {
  const object: V1ValidatingWebhookConfiguration = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata, webhooks: [structuredClone({ ...base, ...more })] };
  validatingWebhookConfiguration.setDefaults?.(object);
  return object;
}

const errorsOf = (more: object): string[] => (validatingWebhookConfiguration.validate?.(configuration(more)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('webhooks', () => {
  it('get defaults', () => {
    expect(configuration({}).webhooks?.[0]).toMatchObject({ failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, clientConfig: { service: { port: 443 } }, rules: [{ scope: '*' }] });
    const changing: V1MutatingWebhookConfiguration = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata, webhooks: [structuredClone(base)] };
    mutatingWebhookConfiguration.setDefaults?.(changing);
    expect(changing.webhooks?.[0]?.reinvocationPolicy).toBe('Never');
    expect(mutatingWebhookConfiguration.validate?.(changing)).toEqual([]);
  });
  it.each<[object, string[]]>([
    [{}, []],
    [{ clientConfig: { url: 'https://hooks.example.com/check' } }, []],
    [{ name: 'check' }, ['webhooks[0].name: Invalid value: "check": should be a domain with at least three segments separated by dots']],
    [{ sideEffects: '' }, ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun']],
    [{ timeoutSeconds: 31 }, ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds']],
    [{ clientConfig: {} }, ['webhooks[0].clientConfig: Required value: exactly one of url or service is required']],
    [{ clientConfig: { url: 'http://h?a' } }, ["webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]", 'webhooks[0].clientConfig.url: Invalid value: "a": query parameters are not permitted in the URL']],
    [{ admissionReviewVersions: [] }, ['webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1']],
    [{ admissionReviewVersions: ['v2'] }, ['webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1']],
    [{ rules: [{ ...rules[0], operations: ['*', 'CREATE'] }] }, ["webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations"]],
    [{ rules: [{ ...rules[0], apiVersions: [] }] }, ['webhooks[0].rules[0].apiVersions: Required value']],
  ])('%j', (more, messages) => {
    expect(errorsOf(more)).toEqual(messages);
  });
});

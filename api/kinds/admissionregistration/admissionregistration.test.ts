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
    [{ sideEffects: undefined }, ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun']],
    [{ sideEffects: 'Unknown' }, ['webhooks[0].sideEffects: Unsupported value: "Unknown": supported values: "None", "NoneOnDryRun"']],
    [{ clientConfig: { url: '' } }, ["webhooks[0].clientConfig.url: Invalid value: \"\": 'https' is the only allowed URL scheme; desired format: https://host[/path]", 'webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]']],
    [{ clientConfig: { url: 'https:///fancy/webhook' } }, ['webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]']],
    [{ clientConfig: { url: 'https://harry.potter@example.com/#bookmark' } }, ['webhooks[0].clientConfig.url: Invalid value: "harry.potter": user information is not permitted in the URL', 'webhooks[0].clientConfig.url: Invalid value: "bookmark": fragments are not permitted in the URL']],
    [{ clientConfig: { url: 'https://a b/' } }, ['webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://a b/": invalid character " " in host name; desired format: https://host[/path]']],
    [{ clientConfig: { service: { name: 'n', namespace: 'ns', path: 'foo/', port: 0 } } }, ['webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive', "webhooks[0].clientConfig.service.path: Invalid value: \"foo/\": must start with a '/'"]],
    [{ clientConfig: { service: { name: 'n', namespace: 'ns', path: '/foo/bar//' } } }, ['webhooks[0].clientConfig.service.path: Invalid value: "/foo/bar//": segment[2] may not be empty']],
    [{ matchConditions: [{ name: 'a', expression: 'object.x in [1, 2, ' }] }, [expect.stringContaining("webhooks[0].matchConditions[0].expression: Invalid value: \"object.x in [1, 2,\": compilation failed: ERROR: <input>:1:19: Syntax error: missing ']' at '<EOF>'")]],
    [{ matchConditions: [{ name: 'a', expression: '6' }, { name: 'a', expression: 'object.flag' }, { name: 'n', expression: 'namespaceObject == null' }] }, [
      'webhooks[0].matchConditions[0].expression: Invalid value: "6": must evaluate to bool but got int', 'webhooks[0].matchConditions[1].expression: Invalid value: "object.flag": must evaluate to bool but got dyn', 'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
    ]],
    [{ matchConditions: [{ name: '', expression: ' ' }] }, ['webhooks[0].matchConditions[0].expression: Required value', 'webhooks[0].matchConditions[0].name: Required value']],
    [{ admissionReviewVersions: ['v1', 'v1', '0v'] }, ['webhooks[0].admissionReviewVersions[1]: Invalid value: "v1": duplicate version', expect.stringContaining('webhooks[0].admissionReviewVersions[2]: Invalid value: "0v": a DNS-1035 label')]],
    [{ timeoutSeconds: 31 }, ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds']],
    [{ clientConfig: {} }, ['webhooks[0].clientConfig: Required value: exactly one of url or service is required']],
    [{ clientConfig: { url: 'http://h?a' } }, ["webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]", 'webhooks[0].clientConfig.url: Invalid value: "a": query parameters are not permitted in the URL']],
    [{ admissionReviewVersions: [] }, ['webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1']],
    [{ admissionReviewVersions: ['v2'] }, ['webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1']],
    [{ rules: [{ ...rules[0], operations: ['*', 'CREATE'] }] }, ["webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations"]],
    [{ rules: [{ ...rules[0], resources: ['pods/*', 'pods/log', '*/scale', 'apps/scale', ''] }] }, [
      "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/log\": if 'pods/*' is present, must not specify pods/log", "webhooks[0].rules[0].resources[3]: Invalid value: \"apps/scale\": if '*/scale' is present, must not specify apps/scale",
      'webhooks[0].rules[0].resources[4]: Required value',
    ]],
    [{ rules: [{ ...rules[0], resources: ['*/*', '*', 'pods'] }] }, [
      "webhooks[0].rules[0].resources: Invalid value: [\"*/*\",\"*\",\"pods\"]: if '*/*' is present, must not specify other resources",
      "webhooks[0].rules[0].resources: Invalid value: [\"*/*\",\"*\",\"pods\"]: if '*' is present, must not specify other resources without subresources",
    ]],
    [{ rules: [{ ...rules[0], resources: ['*', 'pods/log'], apiVersions: [''] }] }, ['webhooks[0].rules[0].apiVersions[0]: Required value']],
    [{ clientConfig: { service: { name: 'a', namespace: 'b', path: '/a//b_c/' } } }, [
      'webhooks[0].clientConfig.service.path: Invalid value: "/a//b_c/": segment[1] may not be empty', expect.stringMatching(/^webhooks\[0\]\.clientConfig\.service\.path: Invalid value: "\/a\/\/b_c\/": segment\[2\]: a lowercase RFC 1123 subdomain/),
    ]],
    [{ rules: [{ ...rules[0], apiVersions: [] }] }, ['webhooks[0].rules[0].apiVersions: Required value']],
  ])('%j', (more, messages) => {
    expect(errorsOf(more)).toEqual(messages);
  });
});

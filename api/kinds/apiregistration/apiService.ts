import type { V1APIService } from '../../generated/types.ts';
import { append, type FieldError, invalid, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validateDns1035Label, validatePathSegmentName, validatePortNumber } from '../../validation/names.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const apiService = defineKind<V1APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1APIService',
  hasStatus: true,
  statusKeepsMetadata: 'all',
  unconditionalUpdate: false,
  validateName: validatePathSegmentName,
  validate,
  setDefaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  columns: [
    textColumn('Service', 'The reference to the service that hosts this API endpoint.', ({ spec }) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local')),
    textColumn('Available', 'Whether this service is available.', ({ status }) => {
      const condition = status?.conditions?.find(({ type }) => type === 'Available');
      if (!condition) return 'Unknown';
      return condition.status === 'True' || !condition.reason ? condition.status : `${condition.status} (${condition.reason})`;
    }),
    ageColumn,
  ],
});

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1000;

function validate({ metadata, spec }: IncomingObject<V1APIService>): FieldError[] {
  const { group = '', version = '', service, caBundle, insecureSkipTLSVerify } = spec ?? {};
  const [groupPriority, versionPriority] = [spec?.groupPriorityMinimum ?? 0, spec?.versionPriority ?? 0];
  const errors: FieldError[] = [];
  if (metadata.name !== `${version}.${group}`) errors.push(invalid('metadata.name', metadata.name ?? '', `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(`${version}.${group}`)}`));
  if (group === '' && version !== 'v1') errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  append(errors, (version === '' ? [required('spec.version')] : invalidEach('spec.version', version, validateDns1035Label(version))));
  if (groupPriority <= 0 || groupPriority > MAX_GROUP_PRIORITY) errors.push(invalid('spec.groupPriorityMinimum', groupPriority, `must be positive and less than ${MAX_GROUP_PRIORITY}`));
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) errors.push(invalid('spec.versionPriority', versionPriority, `must be positive and less than ${MAX_VERSION_PRIORITY}`));
  if (!service) {
    if (caBundle) errors.push(invalid('spec.caBundle', `${Buffer.from(caBundle, 'base64').length} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify) errors.push(invalid('spec.insecureSkipTLSVerify', insecureSkipTLSVerify, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  append(errors, validatePortNumber(service.port ?? 0).map((message) => invalid('spec.service.port', service.port ?? 0, `port is not valid: ${message}`)));
  if (insecureSkipTLSVerify && caBundle) errors.push(invalid('spec.insecureSkipTLSVerify', insecureSkipTLSVerify, 'may not be true if caBundle is present'));
  return errors;
}

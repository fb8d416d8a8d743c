import type { V1PodTemplate } from '../../generated/types.ts';
import { formatLabels } from '../../values/labelSelector.ts';
import { textColumn } from '../columns.ts';
import { templateWarnings } from './pod/podWarnings.ts';
import { validatePodTemplateSpec } from './pod/validatePodSpec.ts';
import { defineKind } from '../defineKind.ts';
import { setTemplateDefaults } from '../workload.ts';

export const podTemplate = defineKind<V1PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  model: 'V1PodTemplate',
  hasGeneration: true,
  setDefaults: ({ template }) => setTemplateDefaults(template),
  warnings: ({ template }) => templateWarnings('template', template),
  validate: ({ template }) => validatePodTemplateSpec('template', template),
  columns: [
    textColumn('Containers', 'Names of each container in the template.', ({ template }) => (template?.spec?.containers ?? []).map((each) => each.name).join(',')),
    textColumn('Images', 'Images referenced by each container in the template.', ({ template }) => (template?.spec?.containers ?? []).map((each) => each.image ?? '').join(',')),
    textColumn('Pod Labels', 'The labels for the pod template.', ({ template }) => formatLabels(template?.metadata?.labels)),
  ],
});

import type { V1RuntimeClass } from '../../generated/types.ts';
import { duplicate, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach, strictlyImmutable, repeats } from '../../validation/fields.ts';
import { validateLabels } from '../../validation/labels.ts';
import { validateDns1123Label } from '../../validation/names.ts';
import { validateResourceRequirements } from '../../validation/resources.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { nodeLabelWarning } from '../core/nodeLabelWarnings.ts';
import { validateTolerations } from '../core/pod/validateScheduling.ts';
import { defineKind } from '../defineKind.ts';
import { internalForm } from '../internalForm.ts';
import { canonicalJson } from '../../values/stableHash.ts';

export const runtimeClass = defineKind<V1RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  model: 'V1RuntimeClass',
  unconditionalUpdate: false,
  setDefaults: ({ overhead }) => canonicalizeResources(overhead?.podFixed),
  validate,
  warnings: ({ scheduling }) => Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => nodeLabelWarning(key) ?? []).map((message) => `scheduling.nodeSelector: ${message}`),
  validateUpdate: (object, previous) => strictlyImmutable('handler', object.handler, previous.handler),
  columns: [textColumn('Handler', '', ({ handler }) => handler), ageColumn],
});

function validate({ handler, overhead, scheduling }: IncomingObject<V1RuntimeClass>): FieldError[] {
  const isSame = repeats();
  return [
    ...(handler ? invalidEach('handler', handler, validateDns1123Label(handler)) : [required('handler')]),
    ...(overhead?.podFixed ? validateResourceRequirements('overhead', { limits: overhead.podFixed }) : []),
    ...validateLabels('scheduling.nodeSelector', scheduling?.nodeSelector),
    ...validateTolerations('scheduling.tolerations', scheduling?.tolerations),
    ...(scheduling?.tolerations ?? []).flatMap((toleration, index) => (isSame(canonicalJson(toleration)) ? [duplicate(`scheduling.tolerations[${index}]`, internalForm('Toleration', toleration))] : [])),
  ];
}

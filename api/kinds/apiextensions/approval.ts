import type { V1CustomResourceDefinition } from '../../generated/types.ts';
import { invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';

const ANNOTATION = 'api-approved.kubernetes.io';
const PULL_REQUEST = 'see https://github.com/kubernetes/enhancements/pull/1111';

type Definition = Pick<IncomingObject<V1CustomResourceDefinition>, 'metadata' | 'spec'>;

/** Whether a definition in one of the Kubernetes community's groups may be there. */
export interface Approval {
  readonly state: 'Missing' | 'Invalid' | 'Approved' | 'Unapproved';
  readonly reason: string;
}

const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

/** The approval of a definition; undefined where its group needs none. */
export const approvalOf = (definition: Definition): Approval | undefined => (isProtected(definition.spec?.group ?? '') ? annotated(definition) : undefined);

function annotated({ metadata }: Definition): Approval {
  const text = metadata.annotations?.[ANNOTATION] ?? '';
  if (text === '') return { state: 'Missing', reason: `protected groups must have approval annotation "${ANNOTATION}", ${PULL_REQUEST}` };
  if (text.startsWith('unapproved')) return { state: 'Unapproved', reason: `not approved: ${JSON.stringify(text)}` };
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]+/.test(text)) return { state: 'Approved', reason: `approved in ${text}` };
  return { state: 'Invalid', reason: `protected groups must have approval annotation "${ANNOTATION}" with either a URL or a reason starting with "unapproved", ${PULL_REQUEST}` };
}

/** A fault that was there before is let be. */
export function validateApproval(definition: Definition, previous: Definition | undefined): FieldError[] {
  const approval = approvalOf(definition);
  if (!approval || (previous && annotated(previous).state === approval.state)) return [];
  const field = `metadata.annotations[${ANNOTATION}]`;
  if (approval.state === 'Missing') return [required(field, approval.reason)];
  return approval.state === 'Invalid' ? [invalid(field, definition.metadata.annotations?.[ANNOTATION], approval.reason)] : [];
}

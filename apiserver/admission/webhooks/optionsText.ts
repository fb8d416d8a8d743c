import type { AdmissionAttributes } from '../../types.ts';

const KINDS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The options of a request as JSON of the kind that its operation has, whatever verb the client used; undefined where there are none. */
export function optionsText({ operation, options, dryRun }: Pick<AdmissionAttributes, 'operation' | 'options' | 'dryRun'>): string | undefined {
  if (operation === 'CONNECT' || options === undefined) return undefined;
  const head = { kind: KINDS[operation], apiVersion: 'meta.k8s.io/v1', ...(dryRun ? { dryRun: ['All'] } : {}) };
  if ('propagationPolicy' in options) {
    const { gracePeriodSeconds, preconditions, orphanDependents, propagationPolicy } = options;
    return JSON.stringify({ ...head, gracePeriodSeconds, preconditions, orphanDependents, propagationPolicy });
  }
  const { fieldManager, fieldValidation } = options as { fieldManager: string; fieldValidation: string };
  // What a client does not say is not told; nobody says `Warn`, which goes without saying.
  return JSON.stringify({ ...head, ...(fieldManager === '' ? {} : { fieldManager }), ...(fieldValidation === 'Warn' ? {} : { fieldValidation }) });
}

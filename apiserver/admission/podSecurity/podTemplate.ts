import type { V1CronJob, V1Deployment, V1PodTemplate } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import type { CheckedPod } from './checks/check.ts';

const WITH_TEMPLATE: ReadonlySet<string> = new Set(['/replicationcontrollers', 'apps/replicasets', 'apps/deployments', 'apps/statefulsets', 'apps/daemonsets', 'batch/jobs']);

export const makesPods = (group: string, plural: string): boolean => WITH_TEMPLATE.has(`${group}/${plural}`) || isPodTemplate(group, plural) || isCronJob(group, plural);

/** The template of the pods that an object makes; undefined where it has none. */
export function podTemplateOf(group: string, plural: string, object: IncomingObject): CheckedPod | undefined {
  const template = isPodTemplate(group, plural)
    ? (object as IncomingObject<V1PodTemplate>).template
    : isCronJob(group, plural)
      ? (object as IncomingObject<V1CronJob>).spec?.jobTemplate.spec?.template
      : (object as IncomingObject<V1Deployment>).spec?.template;
  return template?.spec ? { metadata: template.metadata ?? {}, spec: template.spec } : undefined;
}

const isPodTemplate = (group: string, plural: string): boolean => group === '' && plural === 'podtemplates';
const isCronJob = (group: string, plural: string): boolean => group === 'batch' && plural === 'cronjobs';

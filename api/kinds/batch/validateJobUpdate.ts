import type { V1Container, V1Job, V1JobSpec, V1PodTemplateSpec } from '../../generated/types.ts';
import { invalid, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable } from '../../validation/fields.ts';
import { immutableForm } from '../internalForm.ts';

/**
 * A Job's work is settled when it is created (`ValidateJobSpecUpdate`). One that is suspended, and of which no pod runs, may still be told
 * where its pods are to run and what they need (KEP-2926 and KEP-5440, as of 1.36).
 */
export function validateJobUpdate({ spec }: IncomingObject<V1Job>, previous: V1Job): FieldError[] {
  const before = previous.spec;
  if (!spec || !before) return [];
  return [
    ...validateCompletions(spec, before),
    ...immutable('spec.selector', spec.selector, before.selector),
    ...validateTemplate(spec.template, previous),
    ...immutable('spec.completionMode', spec.completionMode, before.completionMode),
    ...immutableForm('PodFailurePolicy', 'spec.podFailurePolicy', spec.podFailurePolicy, before.podFailurePolicy),
    ...immutable('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex, before.backoffLimitPerIndex),
    ...immutable('spec.managedBy', spec.managedBy, before.managedBy),
    ...immutableForm('SuccessPolicy', 'spec.successPolicy', spec.successPolicy, before.successPolicy),
  ];
}

/** An Indexed Job grows and shrinks together with its parallelism (KEP-3715). */
function validateCompletions(spec: V1JobSpec, before: V1JobSpec): FieldError[] {
  if (spec.completionMode !== 'Indexed') return immutable('spec.completions', spec.completions, before.completions);
  // That an Indexed Job has completions is a rule of its own.
  if (spec.completions === before.completions || spec.completions === undefined) return [];
  return spec.completions === spec.parallelism ? [] : [invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

function validateTemplate(template: V1PodTemplateSpec, previous: V1Job): FieldError[] {
  const old = previous.spec!.template;
  const isIdle = previous.spec!.suspend === true && (previous.status?.active ?? 0) === 0;
  if (!isIdle || !template?.spec || !old?.spec) return immutableForm('PodTemplateSpec', 'spec.template', template, old);
  // The comparison is of what was sent with what was there, given the parts that may differ.
  const { nodeSelector, tolerations, schedulingGates, affinity, containers, initContainers } = template.spec;
  const expected: V1PodTemplateSpec = {
    ...old,
    metadata: { ...old.metadata, labels: template.metadata?.labels, annotations: template.metadata?.annotations },
    spec: {
      ...old.spec,
      nodeSelector,
      tolerations,
      schedulingGates,
      affinity: withNodeAffinity(old.spec.affinity, affinity),
      containers: withResources(old.spec.containers, containers)!,
      initContainers: withResources(old.spec.initContainers, initContainers),
    },
  };
  return immutableForm('PodTemplateSpec', 'spec.template', template, expected);
}

type Affinity = NonNullable<V1PodTemplateSpec['spec']>['affinity'];

function withNodeAffinity(old: Affinity, now: Affinity): Affinity {
  const { podAffinity, podAntiAffinity } = old ?? {};
  if (now) return { nodeAffinity: now.nodeAffinity, podAffinity, podAntiAffinity };
  return podAffinity ?? podAntiAffinity ? { podAffinity, podAntiAffinity } : undefined;
}

/** The old containers with what the new ones ask for, as long as they are the same ones; claims of devices stay. */
function withResources(old: V1Container[] | undefined, now: V1Container[] | undefined): V1Container[] | undefined {
  return old?.map((container, index) => {
    const resources = now?.[index]?.resources;
    if (now?.[index]?.name !== container.name) return container;
    return { ...container, resources: { requests: resources?.requests, limits: resources?.limits, claims: container.resources?.claims } };
  });
}

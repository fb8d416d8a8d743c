import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { EMPTY, setOf, type FieldSet } from './fieldSet.ts';
import { dottedPath } from './scaleOwners.ts';

/** Where a status, or another subresource, does not change just what lies outside of it; by `group/plural/subresource`. */
const PARTICULAR: Readonly<Record<string, readonly string[]>> = {
  '/pods/status': ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'],
  'apps/deployments/status': ['spec', 'metadata.labels'],
  'apiextensions.k8s.io/customresourcedefinitions/status': ['metadata', 'spec'],
  'apiregistration.k8s.io/apiservices/status': ['metadata', 'spec'],
  'flowcontrol.apiserver.k8s.io/flowschemas/status': ['metadata', 'spec'],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations/status': ['metadata', 'spec'],
  'admissionregistration.k8s.io/validatingadmissionpolicies/status': ['metadata', 'spec'],
  'storage.k8s.io/volumeattachments/status': ['metadata', 'spec'],
  // Nobody owns anything of a request but what is decided of it.
  'certificates.k8s.io/certificatesigningrequests/': ['spec', 'status'],
  'certificates.k8s.io/certificatesigningrequests/status': ['spec', 'status.conditions'],
  'certificates.k8s.io/certificatesigningrequests/approval': ['spec', 'status.certificate'],
};

/** What a subresource of pods changes of the spec; it changes nothing else at all. */
const OF_POD_SPEC: Readonly<Record<string, readonly string[]>> = { ephemeralcontainers: ['ephemeralContainers'], resize: ['containers', 'initContainers', 'resources'] };

const OWN_FIELDS = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** What a way of writing does not change, and therefore never owns (upstream's `GetResetFields`). */
export function resetFields(schema: Schema, definition: ResourceDefinition, subresource: string): FieldSet {
  const { group, plural, hasStatus, model } = definition;
  const particular = PARTICULAR[`${group}/${plural}/${subresource}`];
  if (particular) return setOf(...particular.map(dottedPath));
  const changed = model === 'V1Pod' ? OF_POD_SPEC[subresource] : undefined;
  if (changed) return setOf(...['metadata', 'status', ...Object.keys(schema.model('V1PodSpec').properties).filter((name) => !changed.includes(name)).map((name) => `spec.${name}`)].map(dottedPath));
  // As upstream, other fields at the root of a custom object are not thought of.
  if (definition.custom && subresource === 'status') return setOf(dottedPath('metadata'), dottedPath('spec'));
  if (subresource === 'status') return setOf(...Object.keys(schema.model(model).properties).filter((name) => !OWN_FIELDS.has(name)).map(dottedPath));
  return hasStatus ? setOf(dottedPath('status')) : EMPTY;
}

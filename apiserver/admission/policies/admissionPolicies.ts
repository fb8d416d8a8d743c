import type { Schema } from '../../../api/schema/schema.ts';
import type { ComponentContext } from '../../../process/component.ts';
import type { OpenedStorage } from '../../storage/openStorage.ts';
import type { StorageResource } from '../../storage/types.ts';
import type { AdmissionPlugin, Authorizer } from '../../types.ts';
import { MutatingAdmissionPolicyPlugin } from './mutatingAdmissionPolicy.ts';
import { PolicySet } from './policySet.ts';
import { ValidatingAdmissionPolicyPlugin } from './validatingAdmissionPolicy.ts';

const GROUP = 'admissionregistration.k8s.io';

/** The plugins that change and judge by admission policies, by those in memory, until the signal is aborted; they run before the webhooks. */
export function admissionPolicies({ cache, storage }: Pick<OpenedStorage, 'cache' | 'storage'>, schema: Schema, authorizer: Authorizer, { clock, signal }: Pick<ComponentContext, 'clock' | 'signal'>): readonly AdmissionPlugin[] {
  const parts = { cache, storage, schema, authorizer, clock };
  const policies = (sort: string): [policies: StorageResource, bindings: StorageResource] => [`${sort}admissionpolicies`, `${sort}admissionpolicybindings`].map((resource) => ({ group: GROUP, resource })) as [StorageResource, StorageResource];
  return [
    new MutatingAdmissionPolicyPlugin(parts, new PolicySet(cache, ...policies('mutating'), signal)),
    new ValidatingAdmissionPolicyPlugin(parts, new PolicySet(cache, ...policies('validating'), signal)),
  ];
}

import { modelType } from '../api/cel/modelType.ts';
import { schemaType } from '../api/cel/schemaType.ts';
import type { CelType, ObjectField } from '../api/cel/types.ts';
import type { V1ValidatingAdmissionPolicy } from '../api/generated/types.ts';
import { expressionWarnings, type CheckedKind } from '../api/kinds/admissionregistration/typeChecking.ts';
import { builtinDefinitions } from '../api/kinds/index.ts';
import { loadSchema, type Schema } from '../api/schema/schema.ts';
import { ValidatingAdmissionPolicies } from '../client/resources.ts';
import { type Controller, seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { publishedKinds, type PublishedKind } from './publishedKinds.ts';

/** Writes into the status of ValidatingAdmissionPolicies which of their expressions do not fit the kinds that they name; once for each generation. Key: the policy's name. */
export const validatingAdmissionPolicyStatusController: Controller = {
  name: 'validatingadmissionpolicy-status-controller',
  serviceAccount: 'validatingadmissionpolicy-status-controller',
  workers: 1,
  setup({ client, informers }, queue) {
    const policies = informers.informer(ValidatingAdmissionPolicies);
    const enqueue = (policy: V1ValidatingAdmissionPolicy): void => {
      if (isDue(policy)) queue.add(policy.metadata.name);
    };
    policies.addHandler({ added: enqueue, updated: (_, policy) => enqueue(policy) });

    return async (name) => {
      const policy = policies.get(name);
      if (policy === undefined || !isDue(policy)) return;
      const custom = await publishedKinds(client, otherVersions(policy));
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(ValidatingAdmissionPolicies, checked(policy, custom, loadSchema())));
      if (written) await seen(policies, [written]);
      else queue.add(name);
    };
  },
};

const isDue = ({ metadata, status }: V1ValidatingAdmissionPolicy): boolean => metadata.generation !== status?.observedGeneration;

/** The groups and versions that a policy names and that are not built in, `example.com/v1`. */
function otherVersions({ spec }: V1ValidatingAdmissionPolicy): string[] {
  const named = (spec?.matchConstraints?.resourceRules ?? []).flatMap(({ apiGroups = [], apiVersions = [] }) => apiGroups.flatMap((group) => apiVersions.map((version) => `${group}/${version}`)));
  const builtin = new Set(builtinDefinitions.map(({ group, version }) => `${group}/${version}`));
  return [...new Set([...named, spec?.paramKind?.apiVersion ?? ''])].filter((each) => /^[^*/]+\/[^*/]+$/.test(each) && !builtin.has(each));
}

/** The policy with the status that its present generation ought to have. */
export function checked(policy: V1ValidatingAdmissionPolicy, custom: readonly PublishedKind[], schema: Schema): V1ValidatingAdmissionPolicy {
  const others = custom.map(({ schema: own, ...names }): CheckedKind => ({ ...names, type: () => withMetadata(schemaType(own, true, names.kind), schema) }));
  const warnings = expressionWarnings(policy, [...builtinKinds(schema), ...others]);
  return { ...policy, status: { ...policy.status, observedGeneration: policy.metadata.generation ?? 0, typeChecking: warnings.length > 0 ? { expressionWarnings: warnings } : {} } };
}

function builtinKinds(schema: Schema): CheckedKind[] {
  return builtinDefinitions.map(({ group, version, kind, plural, model }) => ({ group, version, kind, plural, type: () => modelType(schema, model) }));
}

/** Rules of custom resources see little of the metadata; policies see all of it. */
function withMetadata(type: CelType | undefined, schema: Schema): CelType | undefined {
  const model = schema.byDefinition('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (type?.kind !== 'object' || !model) return type;
  const metadata: ObjectField = { type: modelType(schema, model.name), jsonName: 'metadata' };
  return { ...type, field: (name) => (name === 'metadata' ? metadata : type.field(name)) };
}

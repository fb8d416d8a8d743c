import { setImmediate } from 'node:timers/promises';
import { ApiError, serviceUnavailable } from '../../../api/apiError.ts';
import { RUNTIME_BUDGET, type Bindings } from '../../../api/cel/types.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import type { V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { deepCopy } from '../../../api/values/deepCopy.ts';
import { deepEqual } from '../../../api/values/deepEqual.ts';
import { definitionType } from '../../fieldManagement/definitionType.ts';
import type { Fields, FieldType } from '../../fieldManagement/fieldType.ts';
import { modelType } from '../../fieldManagement/schemaTypes.ts';
import { inTurns } from '../../inTurns.ts';
import type { Metrics } from '../../../process/metrics.ts';
import type { Registry } from '../../registry.ts';
import type { AdmissionAttributes, AdmissionPlugin, Reinvocation } from '../../types.ts';
import type { Version } from '../webhooks/admittedObject.ts';
import { namespaceLabels } from '../webhooks/askWebhook.ts';
import { checkOwners } from '../webhooks/mutatingWebhook.ts';
import { withSettledAuthorizer } from '../webhooks/settledAuthorizer.ts';
import { evaluateConditions } from './conditions.ts';
import { Expressions, OutOfBudgetError } from './expressions.ts';
import { matchCriteria, matchedVersion } from './matchResources.ts';
import { applyConfigured, jsonPatched, MutationError } from './mutate.ts';
import { mutatingPolicy, type Mutation, type MutatingPolicy } from './mutatingPolicy.ts';
import { PolicyConfigurationError } from './params.ts';
import { MutatingPolicyMetrics } from './policyMetrics.ts';
import { judged, namespaceBinding, paramBinding, paramsOf, paramsResource, requestBindings, type Judged, type PolicyParts } from './policyParts.ts';
import type { BoundPolicy, PolicySet } from './policySet.ts';
import { mutationRefusal, type Denial } from './refusal.ts';

type Bound = BoundPolicy<V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding>;

/** A policy that is applied to a request with one set of parameters. */
interface Invocation {
  readonly policy: string;
  readonly binding: string;
  readonly compiled: MutatingPolicy;
  readonly version: Version;
  readonly param: KubeObject | undefined;
  /** The same in both turns. */
  readonly uid: string;
}

/** What happened in the first turn, as for webhooks. */
interface FirstTurn {
  readonly askedAgain: Set<string>;
  readonly again: Set<string>;
  changed: boolean;
}

/**
 * Changes objects by MutatingAdmissionPolicies, one after the other: each sees what those before it made of the object. Where one of them changed it, all plugins
 * take a second turn, in which only policies that asked for it and whose object was changed after them are applied again.
 */
export class MutatingAdmissionPolicyPlugin implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionPolicy';
  readonly #parts: PolicyParts;
  readonly #policies: PolicySet<V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding>;
  readonly #metrics = new MutatingPolicyMetrics();
  #registry: Registry | undefined;

  constructor(parts: PolicyParts, policies: PolicySet<V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding>) {
    this.#parts = parts;
    this.#policies = policies;
  }

  attach(registry: Registry): void {
    this.#registry = registry;
  }

  figures(metrics: Metrics): void {
    this.#metrics.register(metrics);
  }

  async admit(attributes: AdmissionAttributes): Promise<void | Reinvocation> {
    const policies = this.#policies.all();
    const request = policies.length === 0 || attributes.object === undefined ? undefined : judged(this.#parts, attributes, this.#registry);
    if (!request) return undefined;
    const turn: FirstTurn = { askedAgain: new Set(), again: new Set(), changed: false };
    await this.#turn(policies, request, turn, () => true);
    const left = turn.askedAgain.size > 0 ? deepCopy(attributes.object) : undefined;
    return {
      needed: turn.changed,
      again: async () => {
        // Other plugins took their second turn before this one.
        if (turn.askedAgain.size > 0 && !deepEqual(left, attributes.object)) for (const uid of turn.askedAgain) turn.again.add(uid);
        if (turn.again.size > 0) await this.#turn(policies, judged(this.#parts, attributes, this.#registry)!, turn, (uid) => turn.again.has(uid));
      },
    };
  }

  async #turn(policies: readonly Bound[], request: Judged, turn: FirstTurn, isWanted: (uid: string) => boolean): Promise<void> {
    const { attributes } = request;
    const denials: Denial[] = [];
    const invocations: Invocation[] = [];
    for (const bound of policies) invocations.push(...(await this.#invocations(bound, request, denials)));
    const managedFields = attributes.object?.metadata?.managedFields;
    for (const [index, invocation] of invocations.entries()) {
      if (!isWanted(invocation.uid)) continue;
      // Parameters may be many, and each may cost as much as the first: other requests are answered meanwhile.
      if (invocations[index - 1]?.binding === invocation.binding) await setImmediate();
      const changed = await this.#invoke(invocation, request, denials);
      if (changed) {
        turn.changed = true;
        for (const uid of turn.askedAgain) turn.again.add(uid);
      }
      if (invocation.compiled.reinvokedIfNeeded) turn.askedAgain.add(invocation.uid);
    }
    // Kubernetes asks them again even where nobody changed the object after them.
    if (turn.changed) for (const uid of turn.askedAgain) turn.again.add(uid);
    if (denials.length > 0) throw mutationRefusal(attributes, denials);
    if (turn.changed) checkOwners(attributes, managedFields);
  }

  async #invocations({ policy, bindings }: Bound, request: Judged, denials: Denial[]): Promise<Invocation[]> {
    const compiled = mutatingPolicy(policy);
    const name = policy.metadata.name;
    const configured = async <T>(binding: string | undefined, work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof PolicyConfigurationError || error instanceof ApiError)) throw error;
        if (!compiled.ignoresFailure) denials.push({ policy: name, binding, message: `failed to configure ${binding === undefined ? 'policy' : 'binding'}: ${error.message}`, reason: 'Forbidden' });
        return undefined;
      }
    };
    const matches = (criteria: MutatingPolicy['criteria']): Promise<Version | undefined> => matchedVersion(criteria, request.attributes, request.asked, request.registry, (namespace) => namespaceLabels(this.#parts, namespace));
    const matched = await configured(undefined, async () => {
      const version = await matches(compiled.criteria);
      return version && { version, params: paramsResource(request, policy.spec?.paramKind) };
    });
    if (!matched) return [];
    const found: Invocation[] = [];
    for (const { metadata, spec } of bindings) {
      const params = await configured(metadata.name, async () => (!spec?.matchResources || (await matches(matchCriteria(spec.matchResources))) ? paramsOf(this.#parts, request, matched.params, spec?.paramRef) : []));
      for (const param of params ?? []) found.push({ policy: name, binding: metadata.name, compiled, version: matched.version, param, uid: [name, metadata.name, param?.metadata.namespace, param?.metadata.name].join('/') });
    }
    return found;
  }

  /** Whether it changed the object. */
  async #invoke(invocation: Invocation, request: Judged, denials: Denial[]): Promise<boolean> {
    const { compiled, version, param } = invocation;
    const deny = (message: string): void => {
      if (!compiled.ignoresFailure) denials.push({ policy: invocation.policy, binding: invocation.binding, message, reason: 'Invalid' });
    };
    const namespace = await namespaceBinding(this.#parts, request);
    const settled = <T>(evaluate: (bindings: Bindings) => Generator<void, T>): Promise<T> =>
      withSettledAuthorizer(this.#parts.authorizer, async (authorizer) => inTurns(evaluate({ ...(await requestBindings(authorizer, request, version)), ...namespace, ...paramBinding(param) })), request.decisions);
    const conditions = await settled((bindings) => evaluateConditions(compiled.conditions, { ...bindings, namespaceObject: null }));
    if (conditions.error !== undefined) deny(conditions.error);
    if (!conditions.matches) return false;
    let changed = false;
    for (const mutation of compiled.mutations) {
      const began = this.#parts.clock.monotonic();
      const count = (message?: string): void => this.#metrics.observe({ policy: invocation.policy, binding: invocation.binding, seconds: (this.#parts.clock.monotonic() - began) / 1000 }, message);
      try {
        const result = await settled((bindings) => new Expressions(compiled.variables, bindings, { remaining: RUNTIME_BUDGET }).evaluate(mutation.program));
        if (!result.ok) throw new MutationError(result.message);
        if (await this.#mutate(mutation, version, request, result.value)) changed = true;
        count();
      } catch (error) {
        if (!(error instanceof MutationError || error instanceof OutOfBudgetError)) throw error;
        deny(error.message);
        count(error.message);
      }
    }
    return changed;
  }

  /** Does to the object what a mutation's expression came to. */
  async #mutate({ patchType }: Mutation, version: Version, { admitted }: Judged, value: CelValue): Promise<boolean> {
    const object = (await admitted.in(version)).object as unknown as Fields;
    return admitted.accept(version, patchType === 'JSONPatch' ? jsonPatched(object, value) : applyConfigured(this.#typeOf(version), object, value));
  }

  #typeOf({ kind: { group, version, kind }, served: { definition } }: Version): FieldType {
    if (group === definition.group && version === definition.version && kind === definition.kind) return definitionType(this.#parts.schema, definition);
    const model = this.#parts.schema.byKind(group, version, kind)?.name;
    if (model === undefined) throw serviceUnavailable(`Resource kind ${group}/${version}, Kind=${kind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`);
    return modelType(this.#parts.schema, model);
  }
}

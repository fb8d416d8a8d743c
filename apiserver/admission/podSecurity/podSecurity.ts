import { internalError, invalidError } from '../../../api/apiError.ts';
import type { FieldError } from '../../../api/fieldError.ts';
import type { V1Namespace, V1Pod } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import type { Clock } from '../../../process/clock.ts';
import type { Metrics } from '../../../process/metrics.ts';
import { objectKey, resourcePrefix } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import type { CheckedPod, Violation } from './checks/check.ts';
import { DEFAULT_POD_SECURITY, type PodSecuritySettings } from './configuration.ts';
import { describe, evaluatePod } from './evaluate.ts';
import { ExistingPods, MOST_PODS, prioritize } from './existingPods.ts';
import { compareLevels, formatLevel, isSamePolicy, levelLabel, type LevelVersion, MODES, type Policy, policyOf, versionLabel } from './levels.ts';
import { PodSecurityMetrics } from './podSecurityMetrics.ts';
import { makesPods, podTemplateOf } from './podTemplate.ts';
import { joinFaults } from '../configurationObject.ts';
import { refusal } from '../refusal.ts';
import { isSignificantUpdate } from './significantUpdate.ts';
import type { StoredObjects } from '../storedObjects.ts';

const NAMESPACES = { group: '', resource: 'namespaces' };
const PODS = { group: '', resource: 'pods' };
const AUDIT_PREFIX = 'pod-security.kubernetes.io/';
/** Subresources by which the pod's containers don't change. */
const IGNORED: ReadonlySet<string> = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);
/** How long the pods of a namespace may be looked at, in milliseconds; others get their turn after each `STRETCH`. */
const LONGEST = 1_000;
const STRETCH = 250;

/**
 * Holds pods to the Pod Security Standards at the level which the labels of their namespace ask for, warns about templates of pods that
 * would be refused, and, when a namespace gets stricter, about the pods that it has.
 */
export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity';
  readonly #objects: StoredObjects;
  readonly #clock: Clock;
  readonly #settings: PodSecuritySettings;
  readonly #metrics = new PodSecurityMetrics();

  constructor(objects: StoredObjects, clock: Clock, settings: PodSecuritySettings = DEFAULT_POD_SECURITY) {
    this.#objects = objects;
    this.#clock = clock;
    this.#settings = settings;
  }

  figures(metrics: Metrics): void {
    this.#metrics.register(metrics);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, object } = attributes;
    if (object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const { group, plural } = definition;
    if (group === '' && plural === 'namespaces') {
      if (subresource === '') await this.#namespace(attributes, object);
    } else if (group === '' && plural === 'pods') {
      if (!IGNORED.has(subresource)) await this.#pod(attributes, object);
    } else if (subresource === '' && makesPods(group, plural)) {
      await this.#workload(attributes, object);
    }
  }

  async #pod(attributes: AdmissionAttributes, pod: IncomingObject<V1Pod>): Promise<void> {
    if (this.#isExempt(attributes) || pod.spec === undefined) return;
    const namespace = await this.#find(attributes.namespace);
    if (!namespace) {
      this.#metrics.failed(true, attributes);
      throw internalError(`failed to lookup namespace ${JSON.stringify(attributes.namespace)}`);
    }
    const { policy, errors } = policyOf(namespace.metadata.labels, this.#settings.defaults);
    if (errors.length === 0 && MODES.every((mode) => policy[mode].level === 'privileged')) {
      attributes.annotate?.(`${AUDIT_PREFIX}enforce-policy`, 'privileged:latest');
      this.#metrics.evaluated('allow', policy.enforce, 'enforce', attributes);
      return;
    }
    if (attributes.operation === 'UPDATE' && attributes.previous && !isSignificantUpdate(pod, attributes.previous as V1Pod)) return;
    if (errors.length > 0) this.#annotateErrors(attributes, errors);
    this.#evaluate(attributes, policy, { metadata: pod.metadata, spec: pod.spec }, true);
  }

  async #workload(attributes: AdmissionAttributes, object: IncomingObject): Promise<void> {
    if (this.#isExempt(attributes)) return;
    const namespace = await this.#find(attributes.namespace);
    if (!namespace) {
      this.#metrics.failed(true, attributes);
      attributes.annotate?.(`${AUDIT_PREFIX}error`, `failed to lookup namespace ${JSON.stringify(attributes.namespace)}`);
      return;
    }
    const { policy, errors } = policyOf(namespace.metadata.labels, this.#settings.defaults);
    if (errors.length === 0 && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return;
    const template = podTemplateOf(attributes.definition.group, attributes.definition.plural, object);
    if (!template) return;
    if (errors.length > 0) this.#annotateErrors(attributes, errors);
    this.#evaluate(attributes, policy, template, false);
  }

  /** Refuses where the level is enforced; notes and warns besides. */
  #evaluate(attributes: AdmissionAttributes, policy: Policy, pod: CheckedPod, isEnforced: boolean): void {
    if (this.#exempts('runtimeClasses', pod.spec.runtimeClassName)) {
      attributes.annotate?.(`${AUDIT_PREFIX}exempt`, 'runtimeClass');
      this.#metrics.exempted(attributes);
      return;
    }
    const results = new Map<string, readonly Violation[]>();
    const against = (wanted: LevelVersion): { readonly count: number; readonly text: string } => {
      const found = results.get(formatLevel(wanted)) ?? evaluatePod(wanted, pod);
      results.set(formatLevel(wanted), found);
      return { count: found.length, text: `violate${isEnforced && wanted === policy.enforce ? 's' : ''} PodSecurity ${JSON.stringify(formatLevel(wanted))}: ${describe(found)}` };
    };
    const audit = against(policy.audit);
    const enforced = isEnforced ? against(policy.enforce) : undefined;
    if (enforced) {
      attributes.annotate?.(`${AUDIT_PREFIX}enforce-policy`, formatLevel(policy.enforce));
      this.#metrics.evaluated(enforced.count > 0 ? 'deny' : 'allow', policy.enforce, 'enforce', attributes);
    }
    if (audit.count > 0) {
      attributes.annotate?.(`${AUDIT_PREFIX}audit-violations`, `would ${audit.text}`);
      this.#metrics.evaluated('deny', policy.audit, 'audit', attributes);
    }
    if (enforced && enforced.count > 0) throw refusal(attributes, enforced.text);
    const warned = against(policy.warn);
    if (warned.count === 0) return;
    attributes.warn(`would ${warned.text}`);
    this.#metrics.evaluated('deny', policy.warn, 'warn', attributes);
  }

  async #namespace(attributes: AdmissionAttributes, namespace: IncomingObject<V1Namespace>): Promise<void> {
    const { labels } = namespace.metadata;
    const name = namespace.metadata.name ?? attributes.name;
    const { policy, errors } = policyOf(labels, this.#settings.defaults);
    const before = attributes.previous ? policyOf(attributes.previous.metadata.labels, this.#settings.defaults) : undefined;
    if (errors.length > 0 && JSON.stringify(errors) !== JSON.stringify(before?.errors)) throw invalidError('', 'Namespace', name, errors);
    const { enforce } = policy;
    if (before) {
      const isLaxer = enforce.version === before.policy.enforce.version && compareLevels(enforce.level, before.policy.enforce.level) < 1;
      if (enforce.level === 'privileged' || isLaxer) return;
    }
    if (this.#exempts('namespaces', name)) {
      const ignored = this.#ignored(name, policy, labels);
      if (ignored !== undefined) attributes.warn(ignored);
      return;
    }
    if (before) for (const warning of await this.#existingPods(name, enforce)) attributes.warn(warning);
  }

  /** That the labels of an exempt namespace mean nothing. */
  #ignored(name: string, policy: Policy, labels: Readonly<Record<string, string>> | undefined): string | undefined {
    if (MODES.every((mode) => policy[mode].level === 'privileged') || MODES.every((mode) => isSamePolicy(policy[mode], this.#settings.defaults[mode]))) return undefined;
    const said = MODES.filter((mode) => policy[mode].level !== 'privileged' && (labels?.[levelLabel(mode)] ?? labels?.[versionLabel(mode)]) !== undefined);
    return `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${said.map((mode) => `${mode}=${formatLevel(policy[mode])}`).join(', ')}) will be ignored`;
  }

  async #existingPods(namespace: string, enforce: LevelVersion): Promise<readonly string[]> {
    const listed = this.#objects.list(resourcePrefix(PODS, namespace)).map(({ object }) => object as V1Pod);
    const pods = prioritize(listed.filter(({ spec }) => !this.#exempts('runtimeClasses', spec?.runtimeClassName)));
    const existing = new ExistingPods(enforce);
    const deadline = this.#clock.monotonic() + LONGEST;
    for (const [index, pod] of pods.slice(0, MOST_PODS).entries()) {
      existing.add(pod);
      if (index % STRETCH === STRETCH - 1) await this.#clock.sleep(0);
      if (this.#clock.monotonic() > deadline) break;
    }
    return existing.warnings(namespace, pods.length);
  }

  #annotateErrors(attributes: AdmissionAttributes, errors: readonly FieldError[]): void {
    this.#metrics.failed(false, attributes);
    attributes.annotate?.(`${AUDIT_PREFIX}error`, `Failed to parse policy: ${joinFaults(errors)}`);
  }

  #isExempt(attributes: AdmissionAttributes): boolean {
    const by = this.#exempts('namespaces', attributes.namespace) ? 'namespace' : this.#exempts('usernames', attributes.user.name) ? 'user' : undefined;
    if (by === undefined) return false;
    attributes.annotate?.(`${AUDIT_PREFIX}exempt`, by);
    this.#metrics.exempted(attributes);
    return true;
  }

  #exempts(kind: keyof PodSecuritySettings['exemptions'], name: string | undefined): boolean {
    return Boolean(name) && this.#settings.exemptions[kind].includes(name!);
  }

  async #find(name: string): Promise<V1Namespace | undefined> {
    const key = objectKey(NAMESPACES, '', name);
    return this.#objects.find(key);
  }
}

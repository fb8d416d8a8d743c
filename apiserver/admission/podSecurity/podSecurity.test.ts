import type { V1Pod } from '../../../api/generated/types.ts';
import { podSecuritySettings } from './configuration.ts';
import { ExistingPods, prioritize } from './existingPods.ts';
import { DEFAULT_POLICY, policyOf } from './levels.ts';
import { podTemplateOf } from './podTemplate.ts';
import { isSignificantUpdate } from './significantUpdate.ts';

const LATEST_BASELINE = { level: 'baseline', version: 'latest' } as const;

test('labels say the level; what cannot be read is enforced strictly and warned about not at all', () => {
  expect(policyOf(undefined, DEFAULT_POLICY)).toEqual({ policy: DEFAULT_POLICY, errors: [] });
  expect(policyOf({ 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/enforce-version': 'v1.25' }, DEFAULT_POLICY).policy.enforce).toEqual({ level: 'baseline', version: 'v1.25' });
  const { policy, errors } = policyOf({ 'pod-security.kubernetes.io/enforce': 'x', 'pod-security.kubernetes.io/warn': 'y', 'pod-security.kubernetes.io/warn-version': 'v1.01' }, DEFAULT_POLICY);
  expect(policy).toMatchObject({ enforce: { level: 'restricted' }, warn: { level: 'privileged', version: 'latest' } });
  expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "y": must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "v1.01": must be "latest" or "v1.x"',
  ]);
});

const HEAD = { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' };

test('the configuration gives defaults and exemptions', () => {
  expect(podSecuritySettings({ ...HEAD, defaults: { enforce: 'baseline', 'enforce-version': 'v1.30' }, exemptions: { namespaces: ['kube-system'] } })).toEqual({
    defaults: { ...DEFAULT_POLICY, enforce: { level: 'baseline', version: 'v1.30' } },
    exemptions: { namespaces: ['kube-system'], usernames: [], runtimeClasses: [] },
  });
});

test.each<[object, string]>([
  [{ ...HEAD, defaults: { enforce: 'x', warn: 'y' } }, '[defaults.enforce: Invalid value: "x": must be one of privileged, baseline, restricted, defaults.warn: Invalid value: "y": must be one of privileged, baseline, restricted]'],
  [{ ...HEAD, exemptions: { usernames: ['a', 'a'] } }, 'exemptions.usernames[1]: Duplicate value: "a"'],
  [{ ...HEAD, other: 1 }, 'unknown field "other"'],
  [{ ...HEAD, apiVersion: 'v1' }, 'no kind "PodSecurityConfiguration" is registered for version "v1": pod-security.admission.config.k8s.io/v1 PodSecurityConfiguration is expected'],
])('%j is refused', (configuration, message) => {
  expect(() => podSecuritySettings(configuration)).toThrow(message);
});

const pod = (name: string, rest: Partial<V1Pod['spec']> = {}, owner?: string): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'n', uid: name, creationTimestamp: '', resourceVersion: '1', ...(owner ? { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: owner, uid: owner, controller: true }] } : {}) },
  spec: { containers: [{ name: 'c', image: 'i' }], ...rest },
});

test('pods with the same faults share one line', () => {
  const existing = new ExistingPods(LATEST_BASELINE);
  for (const each of [pod('b', { hostNetwork: true }), pod('a', { hostNetwork: true }), pod('c', { hostNetwork: true }), pod('d'), pod('e', { volumes: [{ name: 'v', hostPath: { path: '/' } }] })]) existing.add(each);
  expect(existing.warnings('n', 9)).toEqual([
    'new PodSecurity enforce level only checked against the first 5 of 9 existing pods',
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 2 other pods): host namespaces',
    'e: hostPath volumes',
  ]);
});

test('one pod of each controller comes first', () => {
  expect(prioritize([pod('a', {}, 'x'), pod('b', {}, 'x'), pod('c'), pod('d', {}, 'y')]).map(({ metadata }) => metadata.name)).toEqual(['a', 'c', 'd', 'b']);
});

test('only new images and new containers are looked at again', () => {
  const before = pod('p');
  expect(isSignificantUpdate({ ...before, metadata: { ...before.metadata, labels: { a: 'b' } } }, before)).toBe(false);
  expect(isSignificantUpdate(pod('p', { containers: [{ name: 'c', image: 'other' }] }), before)).toBe(true);
  expect(isSignificantUpdate(pod('p', { ephemeralContainers: [{ name: 'e', image: 'i' }] }), before)).toBe(true);
});

test('templates are found where each kind has them', () => {
  const template = { metadata: {}, spec: { containers: [{ name: 'c' }] } };
  const metadata = { name: 'x' };
  expect(podTemplateOf('', 'podtemplates', { apiVersion: 'v1', kind: 'PodTemplate', metadata, template } as never)).toEqual(template);
  expect(podTemplateOf('apps', 'deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } } as never)).toEqual(template);
  expect(podTemplateOf('batch', 'cronjobs', { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template } } } } as never)).toEqual(template);
  expect(podTemplateOf('', 'replicationcontrollers', { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: {} } as never)).toBeUndefined();
});

import type { V1PodSpec } from '../generated/types.ts';
import { featuresToChange, featuresToRun, missingFeatures } from './nodeFeatures.ts';

const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }];
const plain: V1PodSpec = { containers: [{ name: 'c' }] };
const asking = (cpu: string): { requests: Record<string, string> } => ({ requests: { cpu } });

test('what a pod needs to run', () => {
  expect(featuresToRun(plain)).toEqual([]);
  expect(featuresToRun({ ...plain, hostNetwork: true })).toEqual([]);
  expect(featuresToRun({ ...plain, hostNetwork: true, hostUsers: false })).toEqual(['UserNamespacesHostNetworkSupport']);
  expect(featuresToRun({ containers: [{ name: 'c', restartPolicyRules: rules }] })).toEqual(['RestartAllContainersOnContainerExits']);
  expect(featuresToRun({ ...plain, initContainers: [{ name: 'i', restartPolicyRules: rules }] })).toEqual(['RestartAllContainersOnContainerExits']);
  expect(featuresToRun({ containers: [{ name: 'c', restartPolicyRules: [{ ...rules[0]!, action: 'Restart' }] }] })).toEqual([]);
});

test('what a change of a pod needs', () => {
  const of = (cpu: string, restartPolicy?: string): V1PodSpec => ({ ...plain, initContainers: [{ name: 'i', resources: asking(cpu), ...(restartPolicy ? { restartPolicy } : {}) }] });
  expect(featuresToChange({ containers: [{ name: 'c', resources: asking('2') }] }, plain)).toEqual([]);
  expect(featuresToChange({ ...plain, resources: asking('2') }, { ...plain, resources: asking('1') })).toEqual(['InPlacePodLevelResourcesVerticalScaling']);
  expect(featuresToChange({ ...plain, resources: {} }, plain)).toEqual([]);
  expect(featuresToChange(of('2'), of('1'))).toEqual(['InPlacePodVerticalScalingInitContainers']);
  expect(featuresToChange(of('1'), of('1'))).toEqual([]);
  expect(featuresToChange(of('2', 'Always'), of('1', 'Always'))).toEqual([]);
});

test('what a node lacks', () => {
  expect(missingFeatures(['A', 'B', 'C'], ['B', 'D'])).toEqual(['A', 'C']);
  expect(missingFeatures(['A'])).toEqual(['A']);
});

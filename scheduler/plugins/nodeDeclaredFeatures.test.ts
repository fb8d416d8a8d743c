import { filterAll, makeCluster, makeInfo, makeNode } from '../testObjects.ts';
import { nodeDeclaredFeatures } from './nodeDeclaredFeatures.ts';

const able = { ...makeNode('able'), status: { ...makeNode('able').status, declaredFeatures: ['ExtendWebSocketsToKubelet', 'RestartAllContainersOnContainerExits'] } };
const cluster = makeCluster([able, makeNode('old')]);
const needy = makeInfo('p', { initContainers: [{ name: 'i', restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }] }] });

test('a pod that uses a feature goes where it is', () => {
  expect(filterAll(nodeDeclaredFeatures, needy, cluster)).toEqual({ able: 'fits', old: "node(s) didn't match Pod's required features !" });
  expect(nodeDeclaredFeatures.preFilter?.(makeInfo('q'), cluster)).toEqual({ skip: true });
});

test('a node that has it wakes such a pod', () => {
  const wakes = (name: string): boolean | undefined => nodeDeclaredFeatures.mayHelp?.(needy, { kind: 'NodeFeaturesChanged', node: cluster.node(name)! });
  expect([wakes('able'), wakes('old')]).toEqual([true, false]);
});

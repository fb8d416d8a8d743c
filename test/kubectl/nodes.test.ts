import { eventually } from '../rig/controlPlane.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);
const areOn = (app: string, nodes: string): Promise<string> => cluster().untilSays(`get pods -l app=${app} -o jsonpath={.items[*].spec.nodeName}`, nodes);

test('cordon keeps new pods away, uncordon lets them come', async () => {
  expect(await run('cordon n1')).toBe('node/n1 cordoned');
  expect(await run('cordon n1')).toBe('node/n1 already cordoned');
  expect(await run('get node n1 --no-headers')).toMatch(/^n1 +Ready,SchedulingDisabled /);
  await cluster().untilSays('get node n1 -o jsonpath={.spec.taints[*].key}', 'node.kubernetes.io/unschedulable');
  await run('create deployment away --image=app --replicas=3');
  await run('rollout status deploy/away --timeout=90s');
  await areOn('away', 'n2 n2 n2');
  expect(await run('uncordon n1')).toBe('node/n1 uncordoned');
  await eventually('the taint is gone', async () => ((await run('get node n1 -o jsonpath={.spec.taints}')) === '' ? true : undefined));
  await run('delete deploy away');
});

test('taints keep pods away that do not tolerate them, and evict', async () => {
  expect(await run('taint node n1 k=v:NoSchedule')).toBe('node/n1 tainted');
  expect(await cluster().refused('taint node n1 k=w:NoSchedule')).toBe('error: node n1 already has k taint(s) with same effect(s) and --overwrite is false');
  await run('taint node n2 k=v:NoSchedule');
  await run('run alone --image=app');
  await eventually('the reason', async () => ((await run('get events --field-selector involvedObject.name=alone -o jsonpath={.items[*].message}')).includes('0/2 nodes are available: 2 node(s) had untolerated taint') ? true : undefined));
  expect(await run('taint node n1 n2 k-')).toBe('node/n1 untainted\nnode/n2 untainted');
  await run('wait --for=condition=Ready pod/alone --timeout=90s');
  const node = await run('get pod alone -o jsonpath={.spec.nodeName}');
  await run(`taint node ${node} out=now:NoExecute`);
  await run('wait --for=delete pod/alone --timeout=90s');
  await run(`taint node ${node} out-`);
});

test('drain moves what can be moved, as far as budgets allow', async () => {
  await run('create deployment web --image=app --replicas=2');
  await run('create pdb web --selector=app=web --min-available=1');
  await run('apply -f -', 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: c, image: app}]}}}\n');
  await run('run naked --image=app --overrides={"spec":{"nodeName":"n1"}}');
  await run('rollout status deploy/web --timeout=90s');
  await run('rollout status ds/agent --timeout=90s');
  await eventually('the budget allows one', async () => ((await run('get pdb web -o jsonpath={.status.disruptionsAllowed}')) === '1' ? true : undefined));
  const refusal = await cluster().refused('drain n1');
  expect(refusal).toContain('cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/agent-');
  expect(refusal).toContain('cannot delete Pods that declare no controller (use --force to override): default/naked');
  const drained = await cluster().kubectl('drain n1 --ignore-daemonsets --force --timeout=90s'.split(' '));
  expect(drained.code).toBe(0);
  expect(drained.stderr).toMatch(/ignoring DaemonSet-managed Pods: default\/agent-\w+; deleting Pods that declare no controller: default\/naked|deleting Pods that declare no controller: default\/naked; ignoring DaemonSet-managed Pods: default\/agent-\w+/);
  expect(drained.stdout).toMatch(/pod\/naked evicted\n[^]*node\/n1 drained\n$/);
  await areOn('web', 'n2 n2');
  await run('patch pdb web --type=merge -p {"spec":{"minAvailable":2}}');
  await cluster().untilSays('get pdb web -o jsonpath={.metadata.generation}/{.status.observedGeneration}:{.status.currentHealthy}/{.status.disruptionsAllowed}', /^(\d+)\/\1:2\/0$/);
  await run('uncordon n1');
  await cluster().untilTimesOut('drain n2 --ignore-daemonsets', /Cannot evict pod as it would violate the pod's disruption budget\./);
  await run('uncordon n2');
});

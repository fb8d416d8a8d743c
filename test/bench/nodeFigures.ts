import { join } from 'node:path';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig } from '../rig/rig.ts';
import type { Figure } from './figures.ts';

const gantry = join(repositoryRoot, 'bin/gantry');
const JOINS = 3;
const REPLICAS = 4;
const SHORT = ['apiserver.default-unreachable-toleration-seconds=2', 'controller-manager.node-monitor-period=1s', 'controller-manager.node-monitor-grace-period=6s', 'kubelet.node-status-update-frequency=1s', 'kubelet.node-lease-duration=4s'];
const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${REPLICAS}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      containers: [{name: web, image: 'web:1', readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}}]
`;

/** How long a machine takes to become a Ready node, beside `up` of the first one; and how long from a node's power cut to its pods' replacements running, with short graces and with Kubernetes' own. */
export async function nodeFigures(): Promise<Figure[]> {
  const short = await measure(SHORT);
  const usual = await measure([]);
  return [
    { name: 'join to Ready (reference: up of the first machine)', value: usual.join, unit: 's', reference: usual.up },
    { name: 'power cut to all replacements Ready, short graces', value: short.replaced, unit: 's' },
    { name: 'power cut to all replacements Ready, default graces (reference: short)', value: usual.replaced, unit: 's', reference: short.replaced },
  ];
}

async function measure(set: readonly string[]): Promise<{ readonly up: number; readonly join: number; readonly replaced: number }> {
  process.stderr.write(`measuring: nodes with ${set.length === 0 ? 'default' : 'short'} graces\n`);
  const words = set.map((each) => `--set=${each}`);
  const rig = await createRig();
  try {
    const first = await rig.addHost('first');
    const kubectl = (list: readonly string[], input = ''): Promise<string> => first.check([kubectlPath('1.32'), ...list], { input, timeoutMilliseconds: 600_000 });
    const up = await seconds(first, [gantry, 'up', ...words]);
    const line = (await first.check([gantry, 'token', 'create'])).trim().split(' ').slice(1);
    const workers: RigHost[] = [];
    const joins: number[] = [];
    for (let at = 0; at < JOINS; at += 1) {
      const host = await rig.addHost(`worker${at}`);
      joins.push(await seconds(host, [gantry, ...line, ...words]));
      workers.push(host);
    }
    await Promise.all([first, ...workers].map((host) => loadImages(host, { 'web:1': 'web' })));
    await kubectl(['apply', '-f', '-'], WEB);
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=90s']);
    const lost = workers[0]!;
    const began = performance.now();
    await lost.powerCut();
    await eventually('the pods are replaced', 500_000, async () => {
      const nodes = await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={range .items[?(@.status.containerStatuses[0].ready==true)]}{.spec.nodeName} {end}']);
      return nodes.trim().split(' ').filter((node) => node !== lost.name).length >= REPLICAS ? true : undefined;
    });
    return { up, join: joins.toSorted((a, b) => a - b)[Math.floor(JOINS / 2)]!, replaced: (performance.now() - began) / 1000 };
  } finally {
    await rig.close();
  }
}

async function seconds(host: RigHost, words: readonly string[]): Promise<number> {
  const began = performance.now();
  await host.check(words, { timeoutMilliseconds: 180_000 });
  return (performance.now() - began) / 1000;
}
